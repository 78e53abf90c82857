/**
 * The call stacks of our own run of Linux 7.3 beside those that QEMU and gdb gave (`groundtruth.jsonl`): at the same
 * instruction, in the same situation, the same functions. Which function an interrupt meets is a matter of time, so a situation
 * counts as reached by the first stop at its instruction that has its chain.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import { runProgram } from '../../debug-adapter/cli/program';
import { noStyle } from '../../debug-adapter/cli/style';
import type { CallStack, Debuggee } from '../../debug-adapter/debugger/api';
import { callStack } from '../../debug-adapter/debugger/call-stack';
import { launch } from '../../debug-adapter/debugger/launch';
import { linuxFolder, linuxInitrd, linuxKernel } from './linux.test-support';

/** Titles begin so. All that no chance decides on. */
const reachable = [
  '_start_kernel: right after',
  'start_kernel entry',
  'ret_from_fork_kernel_asm entry',
  'ret_from_fork_kernel entry',
  'smp_callin entry',
  'do_irq entry',
  'call_on_irq_stack entry',
  'handle_riscv_irq entry',
  'hrtimer_interrupt entry',
  'handle_exception after metadata: first trap FROM USER',
  'do_trap_ecall_u entry',
  'ret_from_fork_user_asm entry',
  'do_page_fault taken FROM KERNEL MODE',
  'handle_mm_fault under that kernel-mode fault',
  'handle_riscv_irq interrupting USER mode',
  'do_trap_insn_illegal from user',
  'nmi_cpu_backtrace (sysrq-l)',
];

interface Recorded {
  readonly title: string;
  readonly regs: { readonly pc: string };
  readonly chain: readonly { readonly kind: string; readonly addr: string | null }[];
}

interface Situation {
  readonly title: string;
  readonly pc: bigint;
  /** Names of functions, `PT_REGS` and `FINAL`. */
  readonly chain: readonly string[];
  reached?: { readonly hit: number };
}

const machine = { append: 'console=ttyS0', smp: 2, memory: '256M', maxInstructions: 300_000_000 };

describe('the ground truth of Linux 7.3', function () {
  this.timeout(300_000);
  let kernel: string;
  let situations: readonly Situation[] = [];

  before(async function () {
    kernel = linuxKernel(this, 'metadata');
    const options = { ...machine, program: kernel, initrd: linuxInitrd };
    const debuggee = await launch(options, createNodeFiles());
    situations = readSituations(debuggee);
    await reach(debuggee, situations);
  });

  it('has 25 situations', () => {
    assert.equal(situations.length, 25);
  });

  for (const start of reachable) {
    it(`is met at: ${start}`, () => {
      const [situation, more] = situations.filter(({ title }) => title.startsWith(start));
      assert.ok(situation && !more, 'the title is one');
      assert.ok(situation.reached, `never seen: ${situation.chain.join(' < ')}`);
    });
  }

  it('is what stack --break --hit --json prints', async () => {
    const fault = situations.find(({ title }) => title.startsWith('do_page_fault taken FROM KERNEL MODE'))!;
    const out: string[] = [];
    const io = { out: (text: string) => out.push(text), error: () => undefined };
    const where = ['--break', `*0x${fault.pc.toString(16)}`, '--hit', `${fault.reached!.hit}`];
    const options = ['--smp', '2', '--memory', machine.memory, '--append', machine.append];
    const args = ['stack', kernel, '--initrd', linuxInitrd, ...options, ...where, '--json'];
    assert.equal(await runProgram(args, io, noStyle), 0);
    const report = JSON.parse(out.join('')) as {
      walks: { frames: { symbol: string }[]; end: { kind: string } }[];
    };
    const { frames, end } = report.walks[0]!;
    const functions = fault.chain.filter((name) => name !== 'PT_REGS' && name !== 'FINAL');
    assert.deepEqual(
      frames.map(({ symbol }) => symbol),
      functions,
    );
    assert.equal(end.kind, 'final');
  });
});

function readSituations({ program }: Debuggee): readonly Situation[] {
  const nameOf = (kind: string, address: bigint) =>
    program.symbols.at(kind === 'rec' ? address - 1n : address)?.name ?? '?';
  return readFileSync(join(linuxFolder, 'groundtruth.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded)
    .map(({ title, regs, chain }) => ({
      title,
      pc: BigInt(regs.pc),
      chain: chain.map(({ kind, addr }) => (addr === null ? kind : nameOf(kind, BigInt(addr)))),
    }));
}

/** Runs to the end of the guest and compares at each stop with what is still to be seen there. */
async function reach({ target, kernel, ...rest }: Debuggee, situations: readonly Situation[]): Promise<void> {
  const debuggee = { target, kernel, ...rest };
  const hits = new Map<bigint, number>();
  target.setBreakpoints(situations.flatMap(({ pc }) => kernel.runAddresses(pc)));
  for (;;) {
    const stop = await target.run({ kind: 'continue' });
    if (stop.kind !== 'breakpoint') break;
    const hart = target.harts[stop.hart]!;
    const pc = kernel.linkAddress(stop.pc, hart.bare).address;
    const hit = (hits.get(pc) ?? 0) + 1;
    hits.set(pc, hit);
    const waiting = situations.filter((situation) => situation.pc === pc && !situation.reached);
    if (waiting.length === 0) continue;
    const chain = chainOf(callStack(debuggee, hart)).join();
    for (const situation of waiting) if (situation.chain.join() === chain) situation.reached = { hit };
  }
}

function chainOf({ rows, walk }: CallStack): readonly string[] {
  const frames = rows.flatMap((row) => {
    if (row.kind !== 'frame') return [];
    const name = row.location.symbol ?? '?';
    return row.frame.origin.kind === 'pt_regs' ? ['PT_REGS', name] : [name];
  });
  return [...frames, walk.end.kind === 'final' ? 'FINAL' : walk.end.rule];
}
