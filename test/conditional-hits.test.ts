/** A condition that is judged within the run finds what stopping at every hit finds, and the guest cannot tell. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Debuggee } from '../debug-adapter/debugger/api';
import { compile } from '../debug-adapter/debugger/expressions';
import { FilteredTarget } from '../debug-adapter/debugger/filtered-target';
import { HitRule } from '../debug-adapter/debugger/hit-rule';
import { noModules } from '../debug-adapter/debugger/sample-program.test-support';
import { atOnce } from '../debug-adapter/debugger/perform';
import { resolveSpec } from '../debug-adapter/debugger/resolve';
import { createKernel } from '../debug-adapter/kernel/kernel';
import { loadProgram } from '../debug-adapter/symbols/program';
import { architecture } from '../debug-adapter/target/architecture';
import { EmulatorTarget } from '../debug-adapter/target/emulator-target';
import { Machine } from '../emulator/machine';
import { sampleKernel } from './dap/fake-target.test-support';

const program = loadProgram(new Uint8Array(readFileSync(sampleKernel)));
const MEGABYTE = 1024 * 1024;
const LIMIT = 20_000_000;
const MOST_HITS = 40;

interface Found {
  readonly hits: readonly (readonly [hart: number, pc: bigint, instructions: number])[];
  readonly digest: string;
}

function boot(harts: number) {
  const image = {
    segments: program.segments.map(({ physicalAddress, data, memorySize }) => ({
      address: Number(physicalAddress),
      data,
      memorySize,
    })),
    entry: Number(program.segments[0]!.physicalAddress),
  };
  const machine = new Machine({ image, harts, memory: 32 * MEGABYTE });
  const target = new EmulatorTarget(machine, architecture, { maxInstructions: LIMIT });
  const debuggee: Debuggee = {
    path: sampleKernel,
    program,
    modules: noModules,
    perform: atOnce,
    kernel: createKernel(program),
    target,
    boot: { onChange: () => undefined },
    sources: {
      locate: () => Promise.resolve(undefined),
      debugPaths: () => Promise.resolve([]),
      text: () => Promise.resolve(undefined),
      hint: () => Promise.resolve(''),
    },
    files: [],
    firmware: [],
    warnings: [],
  };
  return { machine, target, debuggee };
}

async function arm(debuggee: Debuggee, spec: string): Promise<void> {
  const resolution = await resolveSpec(debuggee, spec);
  assert.ok(resolution.kind === 'resolved');
  debuggee.target.setBreakpoints(resolution.armed);
}

const listener = { complain: (sentence: string) => assert.fail(sentence), log: () => undefined };

/** Every stop is one of a hit where the condition is true. */
async function within(spec: string, condition: string, harts: number): Promise<Found> {
  const { machine, target, debuggee } = boot(harts);
  await arm(debuggee, spec);
  const read = HitRule.read({ condition }, debuggee);
  assert.ok(read.ok);
  const judged = new FilteredTarget(
    target,
    (stop) => stop.kind !== 'breakpoint' || read.rule.stops(target.harts[stop.hart]!, listener),
  );
  const hits: Found['hits'][number][] = [];
  while (hits.length < MOST_HITS) {
    const stop = await judged.run({ kind: 'continue' });
    if (stop.kind !== 'breakpoint') break;
    hits.push([stop.hart, stop.pc, target.instructions]);
  }
  return { hits, digest: machine.digest() };
}

/** Stops at every hit, and evaluates the condition there. */
async function afterwards(spec: string, condition: string, harts: number): Promise<Found> {
  const { machine, target, debuggee } = boot(harts);
  await arm(debuggee, spec);
  const compiled = compile(condition, debuggee);
  assert.ok(compiled.ok);
  const hits: Found['hits'][number][] = [];
  while (hits.length < MOST_HITS) {
    const stop = await target.run({ kind: 'continue' });
    if (stop.kind !== 'breakpoint') break;
    const value = compiled.evaluate(target.harts[stop.hart]!);
    assert.ok(value.ok);
    if (value.isTrue) hits.push([stop.hart, stop.pc, target.instructions]);
  }
  return { hits, digest: machine.digest() };
}

describe('a conditional breakpoint', function () {
  this.timeout(120_000);

  it('is hit where stopping at each hit finds the condition true, and leaves the same machine', async () => {
    const place = fc.constantFrom('handle_exception', 'do_*', 'sys_*', '__switch_to', 'do_page_fault');
    const condition = fc
      .tuple(fc.constantFrom('a0', 'ra', 's1', 'scause', 'instret', '$hart'), fc.integer({ min: 0, max: 6 }))
      .map(([value, bit]) => `(${value} >> ${bit}) & 1`);
    let found = 0;
    await fc.assert(
      fc.asyncProperty(place, condition, fc.integer({ min: 1, max: 2 }), async (spec, text, harts) => {
        const judged = await within(spec, text, harts);
        assert.deepEqual(judged, await afterwards(spec, text, harts));
        found += judged.hits.length;
      }),
      { numRuns: 12, seed: 7 },
    );
    assert.ok(found > 50, `only ${found} hits`);
  });
});
