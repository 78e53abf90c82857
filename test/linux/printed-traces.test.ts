/** The legacy walk beside the traces that the kernel itself prints: the same addresses, in every one of them. */
import assert from 'node:assert/strict';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import type { Debuggee } from '../../debug-adapter/debugger/api';
import { functionAt, instructionAt } from '../../debug-adapter/debugger/code';
import { hartState, memoryOf } from '../../debug-adapter/debugger/harts';
import { launch } from '../../debug-adapter/debugger/launch';
import { resolveSpec } from '../../debug-adapter/debugger/resolve';
import { walkBy } from '../../debug-adapter/debugger/walks';
import type { HartState, WalkContext } from '../../debug-adapter/kernel/api';
import type { TargetHart } from '../../debug-adapter/target/target';
import { readPtRegs } from '../../debug-adapter/unwind/pt-regs';
import { linuxInitrd, linuxKernel } from './linux.test-support';

const [tp, a0, a1, a2] = [4, 10, 11, 12];

describe('the trace of a WARN() of Linux (stock)', function () {
  this.timeout(300_000);

  it('is what the legacy walk finds from the registers that the exception has saved', async function () {
    const program = linuxKernel(this, 'stock');
    // The task that warns has lost its way then; the run need not go on for long.
    const options = { append: 'console=ttyS0', memory: '256M', maxInstructions: 50_000_000 };
    const debuggee = await launch({ ...options, program, initrd: linuxInitrd }, createNodeFiles());
    const { target } = debuggee;
    let text = '';
    target.onConsoleOutput = (bytes) => (text += new TextDecoder('latin1').decode(bytes));
    const resolution = await resolveSpec(debuggee, 'handle_mm_fault');
    assert.ok(resolution.kind === 'resolved');
    target.setBreakpoints(resolution.armed);
    const stop = await target.run({ kind: 'continue' });
    assert.ok(stop.kind === 'breakpoint');
    const hart = target.harts[stop.hart]!;
    hart.pc = lastBreak(debuggee, hart);
    const [first] = await walksOf(debuggee);
    assert.match(text, /WARNING: .*memory\.c:\d+/);
    const printed = [...beforeGap(text.slice(text.indexOf('status: ')))];
    assert.ok(first!.length > 3);
    assert.deepEqual(first, printed.map(addressOf));
  });
});

for (const smp of [1, 2]) {
  describe(`traces that Linux (stock) prints on ${smp} hart${smp === 1 ? '' : 's'}`, function () {
    this.timeout(300_000);

    it('are what the legacy walk finds when walk_stackframe() is called', async function () {
      const program = linuxKernel(this, 'stock');
      const options = { append: 'console=ttyS0', smp, memory: '256M', maxInstructions: 300_000_000 };
      const debuggee = await launch({ ...options, program, initrd: linuxInitrd }, createNodeFiles());
      let text = '';
      debuggee.target.onConsoleOutput = (bytes) => (text += new TextDecoder('latin1').decode(bytes));
      const found = await walksOf(debuggee);
      const printed = tracesIn(text);
      assert.ok(printed.length > 20, `${printed.length} traces were printed`);
      assert.deepEqual(found, printed);
    });
  });
}

/** The addresses of each trace that was printed. */
function tracesIn(text: string): bigint[][] {
  return text
    .split('Call Trace:')
    .slice(1)
    .map((trace) => [...beforeGap(trace)].map(addressOf));
}

function addressOf([, address]: RegExpExecArray): bigint {
  return BigInt(`0x${address!}`);
}

/** The last ebreak of the function that a hart is in: behind its code are its WARN_ON()s. */
function lastBreak(debuggee: Debuggee, hart: TargetHart): bigint {
  const { address, size } = functionAt(debuggee, hart.pc, false)!;
  let found: bigint | undefined;
  for (let at = hart.pc; at < address + BigInt(size);) {
    const instruction = instructionAt(debuggee, hart, at);
    if (!instruction) break;
    if (instruction.text === 'ebreak') found = at;
    at += BigInt(instruction.length);
  }
  return found ?? assert.fail('there is no ebreak');
}

/** The lines of one trace: those that follow each other. */
function* beforeGap(trace: string): Iterable<RegExpExecArray> {
  for (const line of trace.split('\n').slice(1)) {
    const match = /\[<([0-9a-f]{16})>\] \S+\+0x/.exec(line);
    if (!match) return;
    yield match;
  }
}

/** Runs to the end; the result is the walk at each call that is to print. */
async function walksOf(debuggee: Debuggee): Promise<bigint[][]> {
  const { target, program } = debuggee;
  const [entry, behindPrologue] = await Promise.all(
    ['walk_stackframe+0x0', 'walk_stackframe'].map(async (spec) => {
      const resolution = await resolveSpec(debuggee, spec);
      return resolution.kind === 'resolved' ? resolution.armed[0]! : assert.fail(resolution.reason);
    }),
  );
  const prints = program.symbols.named('print_trace_address')[0]!.address;
  const walks: bigint[][] = [];
  /** Harts whose walk begins in walk_stackframe() itself, by the place of its result. */
  const own = new Map<number, number>();
  target.setBreakpoints([entry!, behindPrologue!]);
  for (;;) {
    const stop = await target.run({ kind: 'continue' });
    if (stop.kind !== 'breakpoint') return walks;
    const hart = target.harts[stop.hart]!;
    if (stop.pc === entry && hart.getX(a2) === prints) {
      const context = contextOf(debuggee, hart);
      if (!context) own.set(stop.hart, walks.length);
      walks.push(context ? pcs(debuggee, context, hart) : []);
    } else if (stop.pc === behindPrologue && own.has(stop.hart)) {
      const context = debuggee.kernel.hartContext(hartState(hart), memoryOf(hart));
      // It does not report itself.
      walks[own.get(stop.hart)!] = pcs(debuggee, context, hart).slice(1);
      own.delete(stop.hart);
    }
  }
}

/** Where a call walks from by its arguments `task` and `regs`; `undefined` if from itself. */
function contextOf(debuggee: Debuggee, hart: TargetHart): WalkContext | undefined {
  const { kernel } = debuggee;
  const memory = memoryOf(hart);
  const [task, regs] = [hart.getX(a0), hart.getX(a1)];
  if (regs !== 0n) {
    const saved = readPtRegs(memory, regs, kernel.layout) ?? assert.fail('pt_regs cannot be read');
    const then: HartState = { ...hartState(hart), pc: saved.epc, getX: (index) => saved.x.get(index) ?? 0n };
    return kernel.hartContext(then, memory);
  }
  if (task === 0n || task === hart.getX(tp)) return undefined;
  const blocked = kernel.tasks(memory).find(({ address }) => address === task);
  return kernel.blockedContext(blocked ?? assert.fail('there is no such task'), memory);
}

function pcs(debuggee: Debuggee, context: WalkContext, hart: TargetHart): bigint[] {
  const isText = (pc: bigint) => debuggee.kernel.runsKernelText(pc, false);
  return walkBy('legacy', debuggee, context, hart)
    .frames.map(({ pc }) => pc)
    .filter(isText);
}
