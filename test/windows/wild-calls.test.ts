/** Each jump through a register is made to lead to no text, and the walks beside what was recorded: R11 there is right, or says nothing. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import type { Debuggee, LaunchOptions } from '../../debug-adapter/debugger/api';
import { instructionAt } from '../../debug-adapter/debugger/code';
import { FunctionCode } from '../../debug-adapter/debugger/function-code';
import { hartState, memoryOf } from '../../debug-adapter/debugger/harts';
import { launch } from '../../debug-adapter/debugger/launch';
import { walkBy, type WalkChoice } from '../../debug-adapter/debugger/walks';
import type { TargetHart } from '../../debug-adapter/target/target';
import { linuxInitrd, linuxKernel } from '../linux/linux.test-support';

const ra = 1;

/** Functions of Linux that call through pointers, and such that jump by a table or into the midst of their code. */
const callers = [
  ...['do_trap_ecall_u', 'handle_exception', 'call_on_irq_stack', 'vfs_read', 'vfs_write', '__schedule'],
  ...['handle_softirqs', 'ret_from_fork_kernel', 'do_dentry_open', 'do_one_initcall'],
];
const withTables = [
  'vsnprintf',
  'pointer',
  '__memset',
  'mas_wr_store_entry',
  'mas_find',
  'tty_ioctl',
  'memparse',
];

/**
 * Link-time addresses of the jumps through a register in these functions, or in all. Those through ra are returns, and far calls to a
 * fixed place.
 */
function jumpsOf(debuggee: Debuggee, names: readonly string[] | undefined): readonly bigint[] {
  const { program, kernel, target } = debuggee;
  const places = names
    ? names.map((name) => program.symbols.named(name)[0] ?? assert.fail(`there is no function ${name}`))
    : program.symbols.symbols.filter(({ address }) => kernel.isKernelText(address));
  const jumps = places.flatMap(({ address }) => {
    const pc = kernel.runAddresses(address).at(-1)!;
    const code = FunctionCode.of(debuggee, target.harts[0]!, { pc, isReturnAddress: false });
    const found = [...(code?.instructions() ?? [])].filter(({ text }) =>
      /^(jr|jalr) (?!.*\bra\b)/.test(text),
    );
    return found.map((jump) => jump.address);
  });
  return [...new Set(jumps)];
}

/** The first hart that comes there when the kernel has tasks; `undefined` if none does. */
async function arrive(debuggee: Debuggee, address: bigint): Promise<TargetHart | undefined> {
  const { target, kernel } = debuggee;
  target.setBreakpoints(kernel.runAddresses(address));
  target.onWaiting = () => target.pause();
  for (;;) {
    const stop = await target.run({ kind: 'continue' });
    if (stop.kind !== 'breakpoint') return undefined;
    const hart = target.harts[stop.hart]!;
    if (!hart.bare || kernel.hartContext(hartState(hart), memoryOf(hart)).task) return hart;
  }
}

function walk(debuggee: Debuggee, hart: TargetHart, choice: WalkChoice) {
  const context = debuggee.kernel.hartContext(hartState(hart), memoryOf(hart));
  return walkBy(choice, debuggee, context, hart);
}

const pcs = ({ frames }: ReturnType<typeof walk>) => frames.map(({ pc }) => pc);

/** Makes the jump that the hart stands at lead to `place`, executes it, and looks. True if its caller was found. */
async function misdirect(debuggee: Debuggee, hart: TargetHart, place: bigint): Promise<boolean> {
  const { target } = debuggee;
  const { text, flow } = instructionAt(debuggee, hart, hart.pc)!;
  const [, offset = '0', name] = /^\w+ (?:\w+,)?(?:(-?\d+)\()?(\w+)\)?$/.exec(text)!;
  const register = Array.from({ length: 32 }, (_, index) => index).find(
    (index) => target.registerName(index) === name,
  )!;
  const before = pcs(walk(debuggee, hart, 'default'));
  hart.setX(register, BigInt.asUintN(64, place - BigInt(offset)));
  assert.equal((await target.run({ kind: 'step', hart: hart.index })).kind, 'step');
  assert.equal(hart.pc, place, text);
  const truth = pcs(walk(debuggee, hart, 'true'));
  const isFound = ['default', 'cfi'].map((choice) => {
    const { frames, end, reliable } = walk(debuggee, hart, choice as WalkChoice);
    assert.equal(reliable, false);
    const [first, caller] = frames;
    assert.equal(first!.pc, place);
    if (!caller) {
      assert.match(end.reason, /is not in kernel text; ra is /, text);
      return false;
    }
    assert.deepEqual([caller.mark, caller.rule, caller.pc], ['L', 'R11', hart.getX(ra)]);
    assert.equal(caller.pc, truth[1], `${text}: what was recorded`);
    return true;
  });
  assert.equal(isFound[0], isFound[1]);
  if (isFound[0]) assert.deepEqual(pcs(walk(debuggee, hart, 'default')).slice(2), before.slice(1));
  else assert.notEqual(flow, 'call', text);
  return isFound[0]!;
}

/** Of the jumps that a run comes to, each in a run of its own that leads it to `place`: of how many the caller was found. */
async function sweep(
  options: LaunchOptions,
  place: bigint,
  names?: readonly string[],
): Promise<{ found: number; not: number }> {
  const start = () => launch({ ...options, recordCalls: true }, createNodeFiles());
  const counts = { found: 0, not: 0 };
  for (const address of jumpsOf(await start(), names)) {
    const debuggee = await start();
    const hart = await arrive(debuggee, address);
    if (hart) counts[(await misdirect(debuggee, hart, place)) ? 'found' : 'not']++;
  }
  return counts;
}

describe('the caller of what is no text, at each jump through a register', function () {
  this.timeout(170_000);

  for (const [name, place] of [
    ['metadata', 0xdead_0000n],
    ['m-mode', 0xdead_0000n],
    ['m-mode', 0n],
  ] as const) {
    it(`is what was recorded, all being calls (sample, ${name}, to 0x${place.toString(16)})`, async () => {
      const program = join(import.meta.dirname, `../../sample-kernel/prebuilt/sample-${name}.elf`);
      const machine = { smp: 2, memory: '128M', maxInstructions: 100_000_000, append: 'poweroff' };
      const { found, not } = await sweep({ ...machine, program }, place);
      assert.ok(found >= 7 && not === 0, `${found} calls, ${not} jumps`);
    });
  }

  it('is what was recorded, and not shown where it was no call (Linux, to 0x0)', async function () {
    const program = linuxKernel(this, 'metadata');
    const boot = { initrd: linuxInitrd, append: 'console=ttyS0', maxInstructions: 300_000_000 };
    const { found, not } = await sweep({ memory: '256M', ...boot, program }, 0n, [...callers, ...withTables]);
    assert.ok(found > 10 && not > 3, `${found} calls, ${not} jumps`);
  });
});
