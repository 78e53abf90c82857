/** Call stacks of Linux in our machine beside those that gdb finds in QEMU, live, in the same situations. */
import assert from 'node:assert/strict';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import type { CallStack, Debuggee } from '../../debug-adapter/debugger/api';
import { blockedStack, callStack } from '../../debug-adapter/debugger/call-stack';
import { hartState, memoryOf } from '../../debug-adapter/debugger/harts';
import { launch } from '../../debug-adapter/debugger/launch';
import { resolveSpec } from '../../debug-adapter/debugger/resolve';
import type { TargetHart } from '../../debug-adapter/target/target';
import { linuxInitrd, linuxKernel, skipByName } from '../linux/linux.test-support';
import { linuxImage } from './linux-image';
import { linuxSituations, type LinuxSituation } from './linux-situations';
import { missingTools, qemuWalks, type QemuWalk } from './qemu-walk';
import { stackKinds } from './situations';

const machine = { smp: 2, memory: '256M', append: 'console=ttyS0' };

/** gdb has no call frame information for physical addresses. */
const beforeMmu = linuxSituations.find(({ break: spec }) => spec === 'setup_vm');
/** What calls C code and has no call frame information. */
const assembly =
  /^(handle_exception|call_on_irq_stack|ret_from_fork_(kernel|user)_asm|_start_kernel|secondary_start_sbi)$/;

interface OurWalks {
  readonly metadata: CallStack;
  /** Not of a blocked task, whose call frames gdb does not walk. */
  readonly cfi: CallStack | undefined;
}

describe('Linux on QEMU, walked by gdb, and in our machine', function () {
  this.timeout(120_000);
  let debuggee: Debuggee;
  let ours: ReadonlyMap<LinuxSituation, OurWalks>;
  let qemu: readonly QemuWalk[];

  before(async function () {
    const program = linuxKernel(this, 'metadata');
    const missing = missingTools();
    if (missing !== undefined) return skipByName(this, missing);
    const image = linuxImage(program);
    if (image === undefined) return skipByName(this, 'riscv64-linux-gnu-objcopy not installed');
    const options = { ...machine, program, initrd: linuxInitrd, maxInstructions: 300_000_000 };
    debuggee = await launch(options, createNodeFiles());
    const places = new Map<LinuxSituation, bigint>();
    for (const situation of linuxSituations) {
      const resolution = await resolveSpec(debuggee, situation.break);
      assert.ok(resolution.kind === 'resolved', `${situation.break} leads somewhere`);
      places.set(situation, resolution.addresses[0]!);
    }
    const stops = linuxSituations.map((situation) => ({ ...situation, break: `*${places.get(situation)!}` }));
    const started = qemuWalks({ elf: program, options: qemuOptions(image) }, stops);
    [ours, qemu] = await Promise.all([ourWalks(debuggee, places), started]);
  });

  for (const [index, situation] of linuxSituations.entries()) {
    it(`have the same call stack: ${situation.name}`, () => {
      const theirs = qemu[index]!;
      const found = ours.get(situation);
      assert.ok(found, 'our machine has met it');
      const { rows, walk } = found.metadata;
      assert.deepEqual(functions(found.metadata), named(debuggee, theirs.addresses));
      assert.deepEqual(
        walk.frames.map(({ mark }) => mark),
        theirs.marks,
      );
      assert.deepEqual(
        stackKinds(walk.frames.map(({ stack }) => stack?.kind ?? null)),
        stackKinds(theirs.stacks),
      );
      assert.equal(walk.end.kind === 'final', theirs.end === 'FINAL', `${rows.at(-1)!.text}; ${theirs.end}`);
    });
  }

  for (const [index, situation] of linuxSituations.entries()) {
    if (situation.task !== undefined || situation === beforeMmu) continue;
    it(`have the same functions by call frame information, as far as gdb goes: ${situation.name}`, () => {
      const theirs = named(debuggee, qemu[index]!.backtrace);
      assert.deepEqual(functions(ours.get(situation)!.cfi!).slice(0, theirs.length), theirs);
      assert.match(theirs.at(-1)!, assembly, 'gdb goes as far as there is call frame information');
    });
  }
});

/** Time goes with instructions (`-icount`), or the timer would interrupt the kernel without end wherever gdb looks on. */
function qemuOptions(image: string): string[] {
  const { smp, memory, append } = machine;
  const files = ['-kernel', image, '-initrd', linuxInitrd, '-append', append];
  return ['-icount', 'shift=3', '-smp', `${smp}`, '-m', memory, ...files];
}

/** Of all situations that a run meets. */
async function ourWalks(
  debuggee: Debuggee,
  places: ReadonlyMap<LinuxSituation, bigint>,
): Promise<ReadonlyMap<LinuxSituation, OurWalks>> {
  const { target, kernel } = debuggee;
  const waiting = new Map(places);
  const met = new Map<LinuxSituation, OurWalks>();
  while (waiting.size > 0) {
    target.setBreakpoints([...waiting.values()].flatMap((address) => kernel.runAddresses(address)));
    const stop = await target.run({ kind: 'continue' });
    if (stop.kind !== 'breakpoint') break;
    const hart = target.harts[stop.hart]!;
    for (const [situation, address] of waiting) {
      if (!kernel.runAddresses(address).includes(stop.pc)) continue;
      const metadata = reached(debuggee, hart, situation);
      if (!metadata) continue;
      waiting.delete(situation);
      met.set(situation, { metadata, cfi: situation.task ? undefined : callStack(debuggee, hart, 'cfi') });
    }
  }
  return met;
}

/** The walk of a situation, if this stop is the one that it means. */
function reached(
  debuggee: Debuggee,
  hart: TargetHart,
  { task, where = '' }: LinuxSituation,
): CallStack | undefined {
  const stacks =
    task === undefined ? [callStack(debuggee, hart, 'metadata')] : blockedStacks(debuggee, hart, task);
  return stacks.find((stack) => new RegExp(where).test(chain(stack)));
}

function blockedStacks(debuggee: Debuggee, hart: TargetHart, comm: string): CallStack[] {
  const { kernel, target } = debuggee;
  const running = target.harts.map((one) => kernel.currentTask(hartState(one), memoryOf(one))?.address);
  return kernel
    .tasks(memoryOf(hart))
    .filter((task) => task.comm === comm && !running.includes(task.address))
    .map((task) => blockedStack(debuggee, task, 'metadata'));
}

/** As `QemuStop.where` wants it. */
function chain(stack: CallStack): string {
  const names = functions(stack).map((name, i) => (stack.walk.frames[i]!.mark === 'P' ? `P:${name}` : name));
  return [...names, stack.walk.end.kind === 'final' ? 'FINAL' : stack.walk.end.reason].join(' ');
}

function functions({ rows }: CallStack): string[] {
  return rows.flatMap((row) => (row.kind === 'frame' ? [row.location.symbol ?? '?'] : []));
}

/** As our symbol table does: gdb drops suffixes such as `.isra.0`, and passes over symbols without a size. */
function named({ program }: Debuggee, addresses: readonly string[]): string[] {
  return addresses.map((address) => program.symbols.at(BigInt(address))?.name ?? '?');
}
