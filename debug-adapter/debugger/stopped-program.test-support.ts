/** A program stopped at a place, stepped, and asked where it is. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNodeFiles } from '../cli/node-files';
import type { TargetHart } from '../target/target';
import type { Debuggee, Granularity, LaunchOptions, StepKind, StepOptions } from './api';
import { callStack } from './call-stack';
import { CountedTarget } from './counted-target.test-support';
import { launch } from './launch';
import { formatLocation, locate } from './location';
import { resolveSpec } from './resolve';
import { sampleFolder } from './sample-program.test-support';
import { step } from './step';

/** Of a step that runs at full speed, however many instructions that are: so many are looked at one by one before it leaps. */
export const fewLooks = 100;

/** The sample kernel, stopped at the n-th hit of a SPEC. */
export async function stopAt(spec: string, hits = 1, options: Partial<LaunchOptions> = {}): Promise<Stopped> {
  const program = join(sampleFolder, 'prebuilt', 'sample-metadata.elf');
  const launched = await launch({ program, maxInstructions: 100_000_000, ...options }, createNodeFiles());
  const target = new CountedTarget(launched.target);
  const debuggee: Debuggee = { ...launched, target };
  const resolution = await resolveSpec(debuggee, spec);
  assert.ok(resolution.kind === 'resolved');
  debuggee.target.setBreakpoints(resolution.armed);
  let hart: TargetHart | undefined;
  for (let hit = 0; hit < hits; hit++) {
    const stop = await debuggee.target.run({ kind: 'continue' });
    assert.ok(stop.kind === 'breakpoint', `${spec}: ${stop.kind}`);
    hart = debuggee.target.harts[stop.hart]!;
  }
  debuggee.target.setBreakpoints([]);
  return new Stopped(debuggee, hart!, target);
}

export class Stopped {
  readonly debuggee: Debuggee;
  hart: TargetHart;
  readonly #counted: CountedTarget;

  constructor(debuggee: Debuggee, hart: TargetHart, counted: CountedTarget) {
    this.debuggee = debuggee;
    this.hart = hart;
    this.#counted = counted;
  }

  async step(
    kind: StepKind,
    granularity: Granularity = 'statement',
    options: StepOptions = {},
  ): Promise<void> {
    const outcome = await step(this.debuggee, this.hart, kind, granularity, options);
    assert.ok(outcome.kind === 'step', outcome.kind === 'refused' ? outcome.reason : outcome.kind);
    this.hart = this.debuggee.target.harts[outcome.hart]!;
  }

  /** How often the machine was looked at in steps so far: what runs at full speed needs few looks. */
  get looks(): number {
    return this.#counted.looks;
  }

  get text(): string {
    const bytes = this.hart.readMemory(this.hart.pc, 4);
    return this.debuggee.target.disassemble(bytes, this.hart.pc)?.text ?? '';
  }

  /** `entry.S:74`, or the pc where there is no line. */
  get line(): string {
    const { source } = locate(this.debuggee, this.hart.pc, { bare: this.hart.bare });
    return source ? `${source.file.replace(/^.*\//, '')}:${source.line}` : `0x${this.hart.pc.toString(16)}`;
  }

  /** `symbol+0xoff/0xsize`. */
  get place(): string {
    return formatLocation(locate(this.debuggee, this.hart.pc, { bare: this.hart.bare }));
  }

  get function(): string {
    return this.place.replace(/\+.*$/, '');
  }

  /** Functions of the call stack, innermost first. */
  get functions(): readonly string[] {
    return callStack(this.debuggee, this.hart).rows.flatMap((row) =>
      row.kind === 'frame' ? [row.location.symbol ?? row.text] : [],
    );
  }
}

/** `file:line` of the only line of a source that contains `text`. */
export function lineOf(file: string, text: string): string {
  const lines = readFileSync(join(sampleFolder, file), 'utf8').split('\n');
  const index = lines.findIndex((line) => line.includes(text));
  assert.ok(index >= 0, `${file} has no line '${text}'`);
  return `${file}:${index + 1}`;
}
