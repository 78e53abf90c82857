/**
 * The call stacks that the command line prints for our own run of Linux 7.3 beside those that QEMU and gdb gave
 * (`groundtruth.jsonl`): at the same instruction, in the same situation, the same functions.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import type { CallStack } from '../../debug-adapter/debugger/api';
import { callStack } from '../../debug-adapter/debugger/call-stack';
import { launch } from '../../debug-adapter/debugger/launch';
import { loadProgram } from '../../debug-adapter/symbols/program';
import { BuiltCli } from '../built-cli.test-support';
import { groundTruth, type Situation } from './ground-truth.test-support';
import { linuxInitrd, linuxKernel } from './linux.test-support';

interface Machine {
  readonly smp: number;
  readonly memory: string;
  readonly append: string;
}

interface Way {
  /** The situation's title begins so. */
  readonly title: string;
  /** How to know it among the hits of its breakpoint. */
  readonly condition?: string;
}

const twoHarts: Machine = { smp: 2, memory: '256M', append: 'console=ttyS0' };

/** The instruction behind `wfi`. */
const idle = 'sepc == default_idle_call + 34';
/** SPP of sstatus is clear. */
const fromUser = '(sstatus & 0x100) == 0';
/** At the store to a page of the user's that has not been touched, which `read` does to a pipe. */
const copying = 'sepc == fallback_scalar_usercopy_sum_enabled + 182';

/** What every run meets sooner or later, whatever the time is. */
const certain: readonly Way[] = [
  { title: '_start_kernel: right after' },
  { title: 'start_kernel entry' },
  { title: 'ret_from_fork_kernel_asm entry' },
  { title: 'ret_from_fork_kernel entry' },
  { title: 'smp_callin entry' },
  { title: 'do_irq entry', condition: `tp == &init_task && ${idle}` },
  { title: 'call_on_irq_stack entry', condition: `tp == &init_task && ${idle}` },
  { title: 'handle_riscv_irq entry', condition: `tp == &init_task && ${idle}` },
  { title: 'hrtimer_interrupt entry', condition: `tp != &init_task && ${idle}` },
  { title: 'handle_exception after metadata: first trap FROM USER', condition: fromUser },
  { title: 'do_trap_ecall_u entry' },
  { title: 'ret_from_fork_user_asm entry' },
  { title: 'do_page_fault taken FROM KERNEL MODE', condition: copying },
  { title: 'handle_mm_fault under that kernel-mode fault', condition: copying },
  { title: 'handle_riscv_irq interrupting USER mode', condition: fromUser },
  { title: 'do_trap_insn_illegal from user' },
  { title: 'nmi_cpu_backtrace (sysrq-l)' },
];

/**
 * An interrupt meets this very function only if the time is right: in some machines it does, at some hit, which a run of the
 * same machine tells. (That the walk is right there is certain from the recorded stacks, `unwind/linux-stops.test.ts`.)
 */
const byChance: readonly string[] = [
  'handle_riscv_irq on CPU1 interrupting its idle task',
  'handle_riscv_irq on CPU0 interrupting its idle task',
  'handle_riscv_irq interrupting the kernel part of an init task',
  'nmi_cpu_backtrace second CPU',
];
const machinesToTry: readonly Machine[] = [
  { smp: 3, memory: '128M', append: 'console=ttyS0' },
  { smp: 5, memory: '128M', append: 'console=ttyS0 earlycon=sbi' },
  { smp: 4, memory: '256M', append: 'console=ttyS0 earlycon=sbi' },
];

const never: ReadonlyMap<string, string> = new Map([
  [
    'handle_exception entry (first trap',
    'the first tick comes 4 ms after start_kernel has let interrupts in',
  ],
  ['handle_exception: instruction after', 'it is of the same trap'],
  ['handle_riscv_irq injected INSIDE', 'gdb raised the interrupt while it held the kernel there'],
  ['ipi_mux_process in the same triple nesting', 'it is of the same interrupt'],
]);

describe('the ground truth of Linux 7.3', function () {
  this.timeout(300_000);
  let kernel: string;
  let cli: BuiltCli | undefined;
  let situations: readonly Situation[];

  before(async function () {
    kernel = linuxKernel(this, 'metadata');
    situations = groundTruth(loadProgram(new Uint8Array(readFileSync(kernel))));
    cli = await BuiltCli.build();
  });

  after(() => cli?.remove());

  function situation(title: string): Situation {
    const found = situations.filter((one) => one.title.startsWith(title));
    assert.equal(found.length, 1, `the title '${title}' is one`);
    return found[0]!;
  }

  /** What `stack --json` prints, as a chain. */
  async function printed({ spec }: Situation, machine: Machine, more: readonly string[]): Promise<string[]> {
    const { smp, memory, append } = machine;
    const hardware = ['--smp', `${smp}`, '--memory', memory, '--initrd', linuxInitrd, '--append', append];
    const where = ['--break', spec, ...more, '--walk', 'metadata', '--max-instructions', '300000000'];
    const { status, stdout, stderr } = await cli!.run(['stack', kernel, ...hardware, ...where, '--json']);
    assert.equal(status, 0, stderr);
    assert.equal(stderr, '');
    const report = JSON.parse(stdout) as {
      walks: { frames: { symbol: string; mark: string }[]; end: { kind: string; rule: string } }[];
    };
    const { frames, end } = report.walks[0]!;
    const names = frames.flatMap(({ symbol, mark }) => (mark === 'P' ? ['PT_REGS', symbol] : [symbol]));
    return [...names, end.kind === 'final' ? 'FINAL' : end.rule];
  }

  it('has 25 situations: those below', () => {
    const titles = [...certain.map(({ title }) => title), ...byChance, ...never.keys()];
    assert.deepEqual(new Set(titles.map(situation)), new Set(situations));
    assert.equal(situations.length, 25);
  });

  for (const { title, condition } of certain) {
    it(`is what stack prints at: ${title}`, async () => {
      const wanted = situation(title);
      const more = condition === undefined ? [] : ['--condition', condition];
      assert.deepEqual(await printed(wanted, twoHarts, more), wanted.chain);
    });
  }

  describe('where it was chance', () => {
    const met = new Map<Situation, { readonly machine: Machine; readonly hit: number }>();

    before(async () => {
      for (const machine of machinesToTry) {
        const missing = byChance.map(situation).filter((one) => !met.has(one));
        if (missing.length === 0) break;
        for (const [one, hit] of await hitsOf(kernel, machine, missing)) met.set(one, { machine, hit });
      }
    });

    for (const title of byChance) {
      it(`is what stack prints at: ${title}`, async function () {
        const wanted = situation(title);
        const found = met.get(wanted);
        if (!found) {
          this.test!.title += ' (skipped: no interrupt comes there in the machines tried)';
          return this.skip();
        }
        assert.deepEqual(await printed(wanted, found.machine, ['--hit', `${found.hit}`]), wanted.chain);
      });
    }
  });

  for (const [title, why] of never) it(`is never met, because ${why}: ${title}`);
});

/** Runs a machine to its end; the result is, for those situations it meets, at which hit of their breakpoint it did. */
async function hitsOf(
  program: string,
  machine: Machine,
  situations: readonly Situation[],
): Promise<ReadonlyMap<Situation, number>> {
  const options = { ...machine, program, initrd: linuxInitrd, maxInstructions: 300_000_000 };
  const debuggee = await launch(options, createNodeFiles());
  const { target, kernel } = debuggee;
  target.setBreakpoints(situations.flatMap(({ pc }) => kernel.runAddresses(pc)));
  const hits = new Map<bigint, number>();
  const met = new Map<Situation, number>();
  while (met.size < situations.length) {
    const stop = await target.run({ kind: 'continue' });
    if (stop.kind !== 'breakpoint') break;
    const hit = (hits.get(stop.pc) ?? 0) + 1;
    hits.set(stop.pc, hit);
    const chain = chainOf(callStack(debuggee, target.harts[stop.hart]!, 'metadata')).join();
    for (const situation of situations) {
      if (!met.has(situation) && situation.pc === stop.pc && situation.chain.join() === chain)
        met.set(situation, hit);
    }
  }
  return met;
}

function chainOf({ rows, walk }: CallStack): readonly string[] {
  const frames = rows.flatMap((row) => {
    if (row.kind !== 'frame') return [];
    const name = row.location.symbol ?? '?';
    return row.frame.origin.kind === 'pt_regs' ? ['PT_REGS', name] : [name];
  });
  return [...frames, walk.end.kind === 'final' ? 'FINAL' : walk.end.rule];
}
