/** Values of parameters and variables in all frames: as gdb prints them of a kernel in QEMU, and as they are here. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Debuggee } from '../../debug-adapter/debugger/api';
import { callStack } from '../../debug-adapter/debugger/call-stack';
import { frameContext } from '../../debug-adapter/debugger/frame-context';
import { resolveSpec } from '../../debug-adapter/debugger/resolve';
import type { CType, CVariable, FrameContext } from '../../debug-adapter/symbols/c-types';
import type { TargetHart } from '../../debug-adapter/target/target';
import { freePort, type QemuMachine } from './qemu-walk';

const timeout = 60_000;

/** A function and its scalars: unsigned numbers, or why there is none. */
export interface FrameValues {
  readonly function: string;
  readonly inlined: boolean;
  readonly variables: Readonly<Record<string, string>>;
}

/** By the address where both stopped first. */
export type Values = ReadonlyMap<bigint, readonly FrameValues[]>;

export async function gdbValues(
  { elf, options }: QemuMachine,
  addresses: readonly bigint[],
): Promise<Values> {
  const port = await freePort();
  const qemu = spawn('qemu-system-riscv64', [
    ...['-M', 'virt', '-display', 'none', '-serial', 'null', '-monitor', 'none', '-S'],
    ...['-gdb', `tcp:127.0.0.1:${port}`, ...options],
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

export async function ownValues(debuggee: Debuggee, addresses: readonly bigint[]): Promise<Values> {
  const { target, kernel } = debuggee;
  const values = new Map<bigint, readonly FrameValues[]>();
  while (values.size < addresses.length) {
    const waiting = addresses.filter((address) => !values.has(address));
    target.setBreakpoints(waiting.flatMap((address) => kernel.runAddresses(address)));
    const stop = await target.run({ kind: 'continue' });
    assert.ok(
      stop.kind === 'breakpoint',
      `not reached: ${waiting.map((a) => '0x' + a.toString(16)).join(' ')}`,
    );
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

/** The first address of each place. */
export async function addressesOf(debuggee: Debuggee, places: readonly string[]): Promise<bigint[]> {
  const addresses: bigint[] = [];
  for (const place of places) {
    const resolution = await resolveSpec(debuggee, place);
    assert.ok(resolution.kind === 'resolved', place);
    addresses.push(resolution.addresses[0]!);
  }
  return addresses;
}

/** What a value is here where gdb takes a register that no call preserves for unchanged in a caller. */
export const unknown = 'unavailable';

/** One variable at one place, as gdb sees it and as we do. */
export interface Pair {
  readonly where: string;
  readonly name: string;
  readonly value: string;
  /** `undefined` for what is not listed here. */
  readonly own: string | undefined;
}

/**
 * The variables of all frames that both found. Asserts that these are the same frames: gdb goes as far as there is call frame information, to
 * a function of assembly.
 */
export function pairsOf(
  places: readonly string[],
  addresses: readonly bigint[],
  { theirs, ours }: { readonly theirs: Values; readonly ours: Values },
): Pair[] {
  const pairs: Pair[] = [];
  for (const [index, address] of addresses.entries()) {
    for (const [depth, frame] of theirs.get(address)!.entries()) {
      const where = `${places[index]} ${depth} ${frame.function}`;
      const found = ours.get(address)![depth];
      if (found?.function !== frame.function) {
        const isLast = depth > 0 && !frame.inlined && Object.keys(frame.variables).length === 0;
        assert.ok(isLast, `${where}: ${found?.function}`);
        break;
      }
      assert.equal(found.inlined, frame.inlined, where);
      for (const [name, value] of Object.entries(frame.variables)) {
        const own = found.variables[name];
        if (depth === 0) assert.notEqual(own, unknown, `${where}: ${name}`);
        pairs.push({ where, name, value, own });
      }
    }
  }
  return pairs;
}
