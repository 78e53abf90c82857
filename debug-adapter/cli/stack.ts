/** `stack`: runs to a breakpoint and prints the call stack there. */
import { callStack } from '../debugger/call-stack';
import { allOf, parseBreakText } from '../debugger/break-text';
import { withInlinedRows } from '../debugger/inlined-rows';
import { FilteredTarget } from '../debugger/filtered-target';
import { HitRule } from '../debugger/hit-rule';
import { launch } from '../debugger/launch';
import { describeHart } from '../debugger/threads';
import { resolveSpec } from '../debugger/resolve';
import type { CallStack, Debuggee } from '../debugger/api';
import { UserError } from '../debugger/api';
import { compareOnHart } from '../debugger/compare-stacks';
import { comparisonText } from '../debugger/comparison-text';
import { availableWalks, walkChoices, type WalkChoice } from '../debugger/walks';
import { hex } from '../unwind/hex';
import type { Command, Io } from './command';
import { ConsoleTail } from './console-tail';
import { ExitStatus } from './exit-status';
import { createNodeFiles } from './node-files';
import {
  launchOptions,
  machineOptions,
  modulePathOption,
  numberOption,
  sourceMapOption,
  UsageError,
  type OptionValues,
} from './options';
import { renderCallStack } from './render';
import { runTo, type Arrival } from './run-to';
import { sourceNames } from './source-paths';
import { stackJson, type StackReport } from './stack-json';
import type { Style } from './style';
import { parseWalk } from './walks';

const lastLines = 5;

export function stackCommand(io: Io, style: Style): Command {
  return {
    name: 'stack',
    usage: 'stack KERNEL --break SPEC [--condition EXPR] [--hit N] [--json] [options]',
    summary: 'run a kernel to a breakpoint and print the call stack',
    details: [
      'SPEC is a symbol, symbol+0xoff (as in dmesg, also with /0xsize), a .local_label of an assembly source, name* for all functions that begin so, file:line, or 0xaddress; behind it hart=N, task=NAME, pid=N or "if EXPR" say which hits are meant. A breakpoint in head.S stops before and after the MMU is turned on; one on a C function stops once its frame record is written, symbol+0x0 at its very first instruction.',
      'EXPR is an expression in C over registers, CSRs, symbols and memory, as in the condition of a breakpoint: sepc == memcpy + 8, tp != &init_task, *(u64*)(sp + 8) == 0.',
      'A mark (P) means that the pc was saved by the exception whose line stands above it. Return addresses show the line of the call.',
    ],
    examples: [
      'stack sample-kernel/prebuilt/sample-metadata.elf --break handle_exception --hit 3',
      'stack vmlinux --initrd init.cpio --break do_page_fault --json',
      'stack vmlinux --smp 2 --break do_irq --condition "tp != &init_task && mhartid == 1"',
      'stack vmlinux --smp 2 --break entry.S:120',
      'stack vmlinux --smp 2 --break "do_page_fault hart=1 if stval == 0"',
    ],
    options: [
      { name: 'break', value: 'SPEC', help: 'where to stop' },
      {
        name: 'condition',
        value: 'EXPR',
        help: 'stop only where this is true of the hart that arrives; other hits do not count',
      },
      { name: 'hit', value: 'N', help: 'stop at the N-th hit, over all harts (default 1)' },
      {
        name: 'walk',
        value: `${walkChoices.join('|')}|all`,
        help: 'how to unwind; by default as fits the kernel, metadata with R11 or legacy. true (calls as recorded) and all (side by side) make the machine slower',
      },
      { name: 'json', help: 'print one JSON object' },
      sourceMapOption,
      modulePathOption,
      ...machineOptions,
    ],
    operands: ['KERNEL'],
    run: ([kernel], values) => stack(io, style, kernel!, values),
  };
}

async function stack(io: Io, style: Style, kernel: string, values: OptionValues): Promise<number> {
  const text = values['break'];
  if (typeof text !== 'string') {
    throw new UsageError(
      'stack needs to know where to stop: give --break SPEC, e.g. --break handle_exception.',
    );
  }
  const hits = numberOption(values, 'hit') ?? 1;
  if (hits < 1) throw new UsageError('--hit counts from 1.');
  const { spec, condition: written } = parseBreakText(text);
  const option = values['condition'];
  const condition = allOf([written, typeof option === 'string' ? option : undefined]);
  const choice = parseWalk(typeof values['walk'] === 'string' ? values['walk'] : 'default');

  const debuggee = await launch(
    // What really happened is known only if it was recorded.
    launchOptions(kernel, { ...values, ...(showsTrue(choice) && { 'record-calls': true }) }),
    createNodeFiles(),
  );
  const resolution = await resolveSpec(debuggee, spec);
  for (const warning of debuggee.warnings) io.error(`warning: ${warning}`);
  if (resolution.kind === 'unresolved') throw new UserError(resolution.reason);
  const read = HitRule.read({ condition, hitCondition: `== ${hits}` }, debuggee);
  if (!read.ok) throw new UsageError(read.message);

  const tail = new ConsoleTail();
  debuggee.target.onConsoleOutput = (bytes) => tail.add(bytes);
  debuggee.target.setBreakpoints(resolution.armed);
  debuggee.boot.onChange = async () => {
    const moved = await resolveSpec(debuggee, spec);
    debuggee.target.setBreakpoints(moved.kind === 'resolved' ? moved.armed : []);
  };
  const listener = {
    complain: (sentence: string) => io.error(`warning: ${sentence}`),
    log: () => undefined,
  };
  const judged = new FilteredTarget(
    debuggee.target,
    (stop) => stop.kind === 'breakpoint' && read.rule.stops(debuggee.target.harts[stop.hart]!, listener),
  );
  const arrival = await runTo(judged);

  const report = reportOf(debuggee, arrival, choice);
  if (values['json'] === true) io.out(stackJson(report));
  else if (arrival.kind !== 'exit') io.out(await stackText(debuggee, report, style));
  if (arrival.kind === 'breakpoint') return ExitStatus.success;

  const place =
    condition === undefined ? resolution.description : `${resolution.description}, where ${condition},`;
  io.error(whyNot(arrival, place, hits, debuggee));
  for (const line of tail.lines(lastLines)) io.error(`guest: ${line}`);
  return arrival.kind === 'limit' ? ExitStatus.limit : ExitStatus.failure;
}

function showsTrue(choice: WalkChoice | 'all'): boolean {
  return choice === 'true' || choice === 'all';
}

/** The hart that arrived, or the first one. A machine that is off has no stack to show. */
function reportOf(debuggee: Debuggee, arrival: Arrival, wanted: WalkChoice | 'all'): StackReport {
  const { harts } = debuggee.target;
  const hart = harts[arrival.kind === 'breakpoint' ? arrival.hart : 0]!;
  const choices = wanted === 'all' ? availableWalks(debuggee) : [wanted];
  const stacks =
    arrival.kind === 'exit'
      ? []
      : choices.map((choice): CallStack =>
          withInlinedRows(debuggee, callStack(debuggee, hart, choice), hart.bare),
        );
  return { reason: arrival.kind, hart: hart.index, pc: hart.pc, stacks };
}

/** One walk row by row, several side by side. */
async function stackText(
  debuggee: Debuggee,
  { hart: index, pc, stacks }: StackReport,
  style: Style,
): Promise<string> {
  const hart = debuggee.target.harts[index]!;
  const head = `${style.bold(describeHart(debuggee, hart))}, pc ${hex(pc)}`;
  const [stack, ...others] = stacks;
  if (!stack) return head;
  if (others.length > 0) return `${head}\n\n${comparisonText(compareOnHart(debuggee, hart, stacks))}`;
  const source = await sourceNames(debuggee, stacks, process.cwd());
  return `${head}\n${renderCallStack(stack, { style, source })}`;
}

function whyNot(
  arrival: Exclude<Arrival, { kind: 'breakpoint' }>,
  place: string,
  hits: number,
  { target }: Debuggee,
): string {
  const missed = hits === 1 ? `${place} was not hit` : `${place} was not hit ${hits} times`;
  switch (arrival.kind) {
    case 'limit':
      return `${missed} in ${target.instructions} instructions (--max-instructions).`;
    case 'waiting':
      return `${missed}: the guest waits for console input, and stack gives it none.`;
    case 'exit':
      return `${missed} before the guest ended (${arrival.exit.kind}, code ${arrival.exit.code}).`;
  }
}
