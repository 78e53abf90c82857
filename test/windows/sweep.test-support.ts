/** A run that stops at each instruction of some functions, and what the walks made of it there, as text. */
import assert from 'node:assert/strict';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import type { Debuggee, LaunchOptions } from '../../debug-adapter/debugger/api';
import { hartState, memoryOf } from '../../debug-adapter/debugger/harts';
import { launch } from '../../debug-adapter/debugger/launch';
import { walkBy } from '../../debug-adapter/debugger/walks';
import type { ProgramSymbol } from '../../debug-adapter/symbols/api';
import type { TargetHart } from '../../debug-adapter/target/target';
import { assertShown, compareWithTruth, type Explanation } from './differences.test-support';
import type { Place } from '../../debug-adapter/debugger/windows';

/** Stops at an instruction before the first process runs, and again as many after. */
const HITS = 3;
/** Changing the set of breakpoints costs more than a few stops that are not needed. */
const NEEDLESS_STOPS = 50;

/** Functions by what is special of them. */
export type Functions = Readonly<Record<string, readonly string[]>>;

interface Sweep {
  readonly text: string;
  readonly stops: number;
  readonly executed: number;
}

/** By the kernel's own rules, and as it is shown by default. */
const views = ['strict', 'default'] as const;
type View = (typeof views)[number];

/** One instruction: how often it was looked at, and the windows that its pc was in where a walk differed. */
interface Instruction {
  readonly address: bigint;
  hits: number;
  readonly windows: Readonly<Record<View, Set<Explanation>>>;
}

interface SweptFunction {
  readonly kind: string;
  readonly symbol: ProgramSymbol;
  readonly instructions: readonly Instruction[];
}

/** Fails where a walk differs from what was recorded and no window explains it, and where R11 should have repaired a window. */
export async function sweep(options: LaunchOptions, functions: Functions): Promise<Sweep> {
  const debuggee = await launch({ ...options, recordCalls: true }, createNodeFiles());
  const swept = Object.entries(functions).flatMap(([kind, names]) =>
    names.map((name) => ({ kind, ...functionOf(debuggee, name) })),
  );
  const stops = await visit(
    debuggee,
    swept.flatMap(({ instructions }) => instructions),
  );
  const executed = swept.flatMap(({ instructions }) => instructions.filter(({ hits }) => hits > 0)).length;
  return { text: describeSweep(debuggee, swept), stops, executed };
}

function functionOf({ program, target }: Debuggee, name: string): Omit<SweptFunction, 'kind'> {
  const symbol = program.symbols.named(name)[0] ?? assert.fail(`there is no function ${name}`);
  const { address, size } = symbol;
  const segment = program.segments.find(
    ({ virtualAddress, data }) => address >= virtualAddress && address < virtualAddress + BigInt(data.length),
  );
  assert.ok(segment, `${name} is in the file`);
  const instructions: Instruction[] = [];
  for (let at = address; at < address + BigInt(size);) {
    const offset = Number(at - segment.virtualAddress);
    const { length } = target.disassemble(segment.data.subarray(offset, offset + 4), at) ?? { length: 2 };
    instructions.push({ address: at, hits: 0, windows: { strict: new Set(), default: new Set() } });
    at += BigInt(length);
  }
  return { symbol, instructions };
}

/** Runs to the end; how many stops were looked at. */
async function visit(debuggee: Debuggee, instructions: readonly Instruction[]): Promise<number> {
  const { target, kernel } = debuggee;
  const byAddress = new Map(
    instructions.flatMap((one) => kernel.runAddresses(one.address).map((address) => [address, one])),
  );
  let mostHits = HITS;
  let [stops, needless] = [0, 0];
  const arm = () => {
    needless = 0;
    target.setBreakpoints(
      [...byAddress].flatMap(([address, { hits }]) => (hits < mostHits ? [address] : [])),
    );
  };
  arm();
  for (;;) {
    const stop = await target.run({ kind: 'continue' });
    if (stop.kind !== 'breakpoint') {
      assert.equal(stop.kind, 'exit');
      return stops;
    }
    const hart = target.harts[stop.hart]!;
    const instruction = byAddress.get(stop.pc)!;
    if (instruction.hits < mostHits) {
      stops++;
      instruction.hits++;
      look(debuggee, hart, instruction);
    } else if (++needless >= NEEDLESS_STOPS) {
      arm();
    }
    if (mostHits === HITS && hart.callChain?.origin.kind === 'user') {
      for (const one of instructions) one.hits = Math.min(one.hits, 1);
      mostHits = HITS + 1;
      arm();
    }
  }
}

function look(debuggee: Debuggee, hart: TargetHart, { windows }: Instruction): void {
  const { hasMetadata } = debuggee.kernel;
  const context = debuggee.kernel.hartContext(hartState(hart), memoryOf(hart));
  const place: Place = { debuggee, hart, context };
  const truth = walkBy('true', debuggee, context, hart);
  assert.ok(truth.reliable, truth.verdict);
  for (const view of views) {
    // Kernels without metadata are shown by default as they see themselves.
    if (view === 'default' && !hasMetadata) continue;
    const choice = view === 'default' ? 'default' : hasMetadata ? 'metadata' : 'legacy';
    const walk = walkBy(choice, debuggee, context, hart);
    const { differences, unexplained } = compareWithTruth(place, truth, walk);
    assert.equal(unexplained, undefined, unexplained);
    if (view === 'default') assertShown(walk, differences);
    for (const { row, window } of differences) if (row === 0) windows[view].add(window);
  }
}

function describeSweep({ kernel }: Debuggee, swept: readonly SweptFunction[]): string {
  const lines: string[] = [];
  let kind = '';
  for (const one of swept) {
    if (one.kind !== kind) lines.push('', (kind = one.kind));
    const missed = one.instructions.filter(({ hits }) => hits === 0).length;
    const never = missed === 0 ? '' : `, ${missed} of them never executed`;
    lines.push(`  ${one.symbol.name}: ${one.instructions.length} instructions${never}`);
    lines.push(...rangesOf(one).map((range) => `    ${range}`));
  }
  const head = kernel.hasMetadata
    ? ['strict: the metadata walk by the rules that the kernel has. default: with R11.']
    : ['strict: the legacy walk, which is the default of this kernel, too.'];
  return [...head, ...lines, ''].join('\n');
}

/** `+0x0..+0x6  prologue  strict`: executed instructions, one behind the other, with the same windows in the same views. */
function rangesOf({ symbol, instructions }: SweptFunction): readonly string[] {
  const ranges: { first: bigint; last: bigint; what: string }[] = [];
  let before = '';
  for (const { address, hits, windows } of instructions) {
    const what = hits === 0 ? '' : describeWindows(windows);
    if (what !== '' && what === before) ranges.at(-1)!.last = address;
    else if (what !== '') ranges.push({ first: address, last: address, what });
    before = what;
  }
  const offset = (address: bigint) => `+0x${(address - symbol.address).toString(16)}`;
  return ranges.map(({ first, last, what }) => {
    const range = first === last ? offset(first) : `${offset(first)}..${offset(last)}`;
    return `${range.padEnd(16)} ${what}`;
  });
}

function describeWindows(windows: Instruction['windows']): string {
  const all = [...new Set(views.flatMap((view) => [...windows[view]]))].sort();
  return all
    .map((window) => `${window} (${views.filter((view) => windows[view].has(window)).join(', ')})`)
    .join('; ');
}
