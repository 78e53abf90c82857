/** Values of parameters and variables, in all frames and inlined functions, beside those that gdb prints of the same kernel in QEMU. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import type { Debuggee } from '../../debug-adapter/debugger/api';
import { callStack } from '../../debug-adapter/debugger/call-stack';
import { frameContext } from '../../debug-adapter/debugger/frame-context';
import { launch } from '../../debug-adapter/debugger/launch';
import { resolveSpec } from '../../debug-adapter/debugger/resolve';
import type { CType, CVariable, FrameContext } from '../../debug-adapter/symbols/c-types';
import type { TargetHart } from '../../debug-adapter/target/target';
import { skipByName } from '../linux/linux.test-support';
import { freePort, missingTools } from './qemu-walk';
import { sampleKernel } from './situations';

const elf = join(sampleKernel, 'prebuilt/sample-metadata.elf');
const timeout = 60_000;

/** Functions that one boot calls first in the same way whatever the time is. */
const places = [
  ...['sched_init', 'smp_call_function_single', 'do_page_fault', 'copy_to_user', 'copy_from_user'],
  ...['do_anonymous_page', 'alloc_page', 'alloc_stack', 'copy_process', 'copy_thread', 'console_write'],
  ...['do_trap_ecall_u', 'do_read_fault', 'append_number', 'command_line_has'],
];

/** A function and its scalars: unsigned numbers, or why there is none. */
interface FrameValues {
  readonly function: string;
  readonly inlined: boolean;
  readonly variables: Readonly<Record<string, string>>;
}

describe('variables of the sample kernel', function () {
  this.timeout(2 * timeout);

  it('are those that gdb sees in QEMU, in each frame and inlined function', async function () {
    const missing = missingTools();
    if (missing !== undefined) return skipByName(this, missing);
    const debuggee = await launch({ program: elf, maxInstructions: 300_000_000 }, createNodeFiles());
    const addresses: bigint[] = [];
    for (const place of places) {
      const resolution = await resolveSpec(debuggee, place);
      assert.ok(resolution.kind === 'resolved', place);
      addresses.push(resolution.addresses[0]!);
    }
    const [theirs, ours] = await Promise.all([gdbValues(addresses), ownValues(debuggee, addresses)]);
    let compared = 0;
    let optimizedOut = 0;
    let unavailable = 0;
    for (const [index, address] of addresses.entries()) {
      for (const [depth, frame] of theirs.get(address)!.entries()) {
        const where = `${places[index]} ${depth} ${frame.function}`;
        const own = ours.get(address)![depth];
        // gdb goes as far as there is call frame information.
        if (own?.function !== frame.function) {
          assert.ok(
            depth > 0 && !frame.inlined && Object.keys(frame.variables).length === 0,
            `${where}: ${own?.function}`,
          );
          break;
        }
        assert.equal(own.inlined, frame.inlined, where);
        for (const [name, value] of Object.entries(frame.variables)) {
          // gdb takes registers that no call preserves for unchanged in callers; here they are not known.
          if (own.variables[name] === 'unavailable' && depth > 0) {
            unavailable++;
            continue;
          }
          assert.equal(own.variables[name], value, `${where}: ${name}`);
          compared++;
          if (value === 'optimized out') optimizedOut++;
        }
      }
    }
    assert.ok(
      compared > 100 && unavailable < 20,
      `${compared} compared, ${optimizedOut} of them optimized out, ${unavailable} more not known`,
    );
  });
});

type Values = ReadonlyMap<bigint, readonly FrameValues[]>;

async function gdbValues(addresses: readonly bigint[]): Promise<Values> {
  const port = await freePort();
  const qemu = spawn('qemu-system-riscv64', [
    ...['-M', 'virt', '-display', 'none', '-serial', 'null', '-monitor', 'none', '-S'],
    ...['-gdb', `tcp:127.0.0.1:${port}`, '-kernel', elf],
  ]);
  try {
    const stop = JSON.stringify({ port, elf, addresses: addresses.map(String) });
    const output = await new Promise<string>((resolve) => {
      execFile(
        'gdb-multiarch',
        ['-nx', '-batch', '-x', join(import.meta.dirname, 'variables.py')],
        { env: { ...process.env, STOP: stop }, timeout, maxBuffer: 1 << 24 },
        (_error, stdout, stderr) => resolve(stdout + stderr),
      );
    });
    const lines = output.split('\n').filter((line) => line.startsWith('VARIABLES '));
    assert.equal(lines.length, addresses.length, `gdb said:\n${output}`);
    return new Map(
      lines.map((line) => {
        const { address, frames } = JSON.parse(line.slice('VARIABLES '.length)) as {
          readonly address: string;
          readonly frames: readonly FrameValues[];
        };
        return [BigInt(address), frames];
      }),
    );
  } finally {
    qemu.kill('SIGKILL');
  }
}

async function ownValues(debuggee: Debuggee, addresses: readonly bigint[]): Promise<Values> {
  const { target, kernel } = debuggee;
  const values = new Map<bigint, readonly FrameValues[]>();
  while (values.size < addresses.length) {
    const waiting = addresses.filter((address) => !values.has(address));
    target.setBreakpoints(waiting.flatMap((address) => kernel.runAddresses(address)));
    const stop = await target.run({ kind: 'continue' });
    assert.ok(stop.kind === 'breakpoint', `${waiting.length} places were not reached`);
    const hart = target.harts[stop.hart]!;
    values.set(kernel.linkAddress(stop.pc, hart.bare).address, framesOf(debuggee, hart));
  }
  return values;
}

function framesOf(debuggee: Debuggee, hart: TargetHart): readonly FrameValues[] {
  const { walk } = callStack(debuggee, hart, 'cfi');
  return walk.frames.flatMap((_, index) => {
    const context = frameContext(debuggee, hart, walk, index);
    const scopes = debuggee.program.debug!.functionsAt(context.pc);
    return scopes.map(({ name, blocks }, depth): FrameValues => {
      const variables: Record<string, string> = {};
      for (const variable of blocks.flatMap((block) => block.variables)) {
        variables[variable.name] ??= valueOf(variable, context);
      }
      return { function: name, inlined: depth < scopes.length - 1, variables };
    });
  });
}

function sizeOf(type: CType): number {
  return 'size' in type ? type.size : 0;
}

function valueOf(variable: CVariable, context: FrameContext): string {
  const location = variable.locate(context);
  if (location.kind !== 'pieces') return location.kind;
  const [piece] = location.pieces;
  const size = sizeOf(variable.type);
  const bits = BigInt(size * 8);
  const number = (bytes: Uint8Array) => bytes.reduceRight((all, byte) => (all << 8n) | BigInt(byte), 0n);
  if (piece?.kind === 'register')
    return String(BigInt.asUintN(Number(bits), context.register(piece.register)!));
  if (piece?.kind === 'value') return String(BigInt.asUintN(Number(bits), number(piece.bytes)));
  const bytes = piece?.kind === 'memory' ? context.memory(piece.address, size) : undefined;
  return bytes ? String(number(bytes)) : 'error';
}
