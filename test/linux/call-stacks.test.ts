/** Call stacks of a real kernel as golden text, in situations that no chance decides on. */
import assert from 'node:assert/strict';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import { renderCallStack } from '../../debug-adapter/cli/render';
import type { CallStack, Debuggee, ResolvedSpec } from '../../debug-adapter/debugger/api';
import { callStack } from '../../debug-adapter/debugger/call-stack';
import { describeHart } from '../../debug-adapter/debugger/threads';
import { launch } from '../../debug-adapter/debugger/launch';
import { resolveSpec } from '../../debug-adapter/debugger/resolve';
import { assertGolden, goldenName } from '../golden';
import { linuxInitrd, linuxKernel, linuxSourceMap } from './linux.test-support';

interface Situation {
  readonly name: string;
  readonly spec: string;
  /** The first stop there counts whose stack has this function, if one is given. */
  readonly through?: string;
  /** And that is on another hart than the first one. */
  readonly secondary?: true;
}

const oneHart: readonly Situation[] = [
  { name: 'first instruction', spec: '_start' },
  { name: 'before the MMU is on', spec: '.Lclear_bss' },
  { name: 'turning the MMU on', spec: 'relocate_enable_mmu' },
  { name: 'start of C code', spec: 'start_kernel' },
  { name: 'kernel thread', spec: 'kswapd' },
  { name: 'system call', spec: 'ksys_write' },
  { name: 'page fault of user code', spec: 'do_page_fault', through: 'FINAL: entered from user mode' },
  { name: 'page fault of kernel code', spec: 'handle_mm_fault', through: 'anon_pipe_read' },
  { name: 'child of a fork', spec: 'ret_from_fork_user_asm' },
  { name: 'idle', spec: 'do_idle' },
  { name: 'interrupt of the idle task', spec: 'handle_riscv_irq', through: 'default_idle_call' },
  { name: 'timer interrupt, deep', spec: 'hrtimer_interrupt', through: 'default_idle_call' },
];

const fourHarts: readonly Situation[] = [
  { name: 'secondary hart before the MMU is on', spec: 'secondary_start_sbi' },
  { name: 'secondary hart comes up', spec: 'smp_callin' },
  { name: 'idle secondary hart', spec: 'do_idle', secondary: true },
  {
    name: 'interrupt of an idle secondary hart',
    spec: 'handle_riscv_irq',
    through: 'default_idle_call',
    secondary: true,
  },
];

const withoutMetadata: readonly Situation[] = [
  { name: 'system call without metadata', spec: 'ksys_write' },
  { name: 'interrupt without metadata', spec: 'handle_riscv_irq', through: 'call_on_irq_stack' },
];

for (const [build, smp, situations] of [
  ['metadata', 1, oneHart],
  ['metadata', 4, fourHarts],
  ['stock', 1, withoutMetadata],
] as const) {
  describe(`call stacks of Linux (${build}) on ${smp} hart${smp === 1 ? '' : 's'}`, function () {
    this.timeout(300_000);
    let reached: ReadonlyMap<string, string>;
    before(async function () {
      const program = linuxKernel(this, build);
      // Where the kernel puts a user's stack is a matter of time, too.
      const machine = {
        append: 'console=ttyS0 norandmaps',
        smp,
        memory: '256M',
        maxInstructions: 300_000_000,
      };
      const options = { ...machine, program, initrd: linuxInitrd, sourceFileMap: linuxSourceMap };
      const debuggee = await launch(options, createNodeFiles());
      reached = await reach(debuggee, situations);
    });

    for (const { name, spec } of situations) {
      it(name, () => {
        const text = reached.get(name);
        assert.ok(text !== undefined, `${spec} was never reached so`);
        assertGolden(`linux/${goldenName(name)}`, text);
      });
    }
  });
}

async function reach(
  debuggee: Debuggee,
  situations: readonly Situation[],
): Promise<ReadonlyMap<string, string>> {
  const { target } = debuggee;
  const waiting = new Map<Situation, ResolvedSpec>();
  for (const situation of situations) {
    const resolution = await resolveSpec(debuggee, situation.spec);
    assert.ok(resolution.kind === 'resolved', `${situation.spec} leads somewhere`);
    waiting.set(situation, resolution);
  }
  const reached = new Map<string, string>();
  while (waiting.size > 0) {
    target.setBreakpoints([...waiting.values()].flatMap(({ armed }) => armed));
    const stop = await target.run({ kind: 'continue' });
    if (stop.kind !== 'breakpoint') break;
    const hart = target.harts[stop.hart]!;
    const stack = callStack(debuggee, hart);
    for (const [situation, { armed }] of waiting) {
      if (!armed.includes(stop.pc) || (situation.secondary && hart.index === 0)) continue;
      if (situation.through !== undefined && !passes(stack, situation.through)) continue;
      waiting.delete(situation);
      const who = situation.secondary ? '' : `${describeHart(debuggee, hart)}\n`;
      const head = `Linux 7.3: ${situation.name}, stopped at ${situation.spec}\n${who}\n`;
      reached.set(situation.name, `${head}${renderCallStack(stack, { source: inTree })}`);
    }
  }
  return reached;
}

function passes({ rows }: CallStack, words: string): boolean {
  return rows.some((row) => row.text.startsWith(words));
}

function inTree({ file, line }: { readonly file: string; readonly line: number }): string {
  return `${file.replace('/usr/src/linux-7.3/', '')}:${line}`;
}
