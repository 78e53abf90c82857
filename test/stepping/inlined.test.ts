/** Steps through functions that were inlined: where they end, and for optimised code that they end where single instruction steps do. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { functionAt, instructionAt, rowAt } from '../../debug-adapter/debugger/code';
import { afterPrologue } from '../../debug-adapter/debugger/prologue';
import { stepTargets } from '../../debug-adapter/debugger/step-targets';
import { fewLooks, stopAt, type Stopped } from '../../debug-adapter/debugger/stopped-program.test-support';
import type { SourceLine } from '../../debug-adapter/symbols/api';
import { steppingProgram } from './programs.test-support';

const source = 'inlined.c';
const lines = readFileSync(join(import.meta.dirname, source), 'utf8').split('\n');

/** `inlined.c:12`, the line with that comment. */
function commented(comment: string): string {
  const index = lines.findIndex((line) => line.includes(`/* ${comment} */`));
  assert.ok(index >= 0, comment);
  return `${source}:${index + 1}`;
}

const scopesAt = ({ debuggee, hart }: Stopped) => debuggee.program.debug!.functionsAt(hart.pc);

/** Functions at the pc, the innermost first. */
const functions = (stopped: Stopped): readonly string[] => scopesAt(stopped).map(({ name }) => name);

/** The innermost one last, each told from other copies of the same function by where it begins. */
const nest = (stopped: Stopped): readonly string[] =>
  scopesAt(stopped)
    .map(({ name, entry, callSite }) => `${name} at ${entry} of line ${callSite?.line}`)
    .reverse();

/** Those that a step over is in: it stands before one that begins at the pc. */
const functionsOfOver = (stopped: Stopped): readonly string[] =>
  scopesAt(stopped)
    .filter(({ entry, callSite }) => callSite === undefined || entry !== stopped.hart.pc)
    .map(({ name }) => name);

describe('a step among inlined functions', function () {
  this.timeout(120_000);
  let program: string;
  let optimized: string;
  before(function () {
    program = steppingProgram(this, source);
    optimized = steppingProgram(this, source, '-O2');
  });

  const at = (place: string, file = program): Promise<Stopped> =>
    stopAt(place, 1, { program: file, firmware: 'none', maxInstructions: 1_000_000_000 });

  it('over a line goes over what is inlined on it', async () => {
    const stopped = await at(commented('before the inlined call'));
    const seen: string[] = [];
    while (stopped.line !== commented('behind the inlined call') && seen.length < 8) {
      await stopped.step('over');
      assert.deepEqual(functionsOfOver(stopped), ['plain']);
      seen.push(stopped.line);
    }
    assert.equal(stopped.line, commented('behind the inlined call'));
  });

  it('into it stops at each statement of the inlined functions', async () => {
    const stopped = await at(commented('before the inlined call'));
    const seen = new Set<string>();
    for (let count = 0; stopped.line !== commented('behind the inlined call') && count < 40; count++) {
      await stopped.step('in');
      seen.add(`${functions(stopped).join(' ')} ${stopped.line}`);
    }
    for (const [nested, comment] of [
      ['middle plain', 'first of middle'],
      ['inner middle plain', 'first of inner'],
      ['inner middle plain', 'second of inner'],
      ['middle plain', 'behind inner'],
      ['real', ''],
    ] as const) {
      const place = `${nested} ${comment === '' ? source : commented(comment)}`;
      assert.ok(
        [...seen].some((one) => one.startsWith(place)),
        `${place} of ${[...seen].join(', ')}`,
      );
    }
  });

  it('over a statement of an inlined function ends in it, and behind its last one in the outer one', async () => {
    const stopped = await at(commented('first of middle'));
    const seen: string[] = [];
    do {
      await stopped.step('over');
      seen.push(functionsOfOver(stopped).join(' '));
    } while (functionsOfOver(stopped)[0] === 'middle' && seen.length < 12);
    assert.deepEqual([...new Set(seen)], ['middle plain', 'plain']);
  });

  it('out of an inlined function ends in the function that it was inlined into, in the same frame', async () => {
    const stopped = await at(commented('first of middle'));
    while (functions(stopped)[0] !== 'inner') await stopped.step('in');
    const sp = stopped.hart.getX(2);
    const seen = [functions(stopped).join(' ')];
    while (seen.at(-1) !== 'plain' && seen.length < 8) {
      await stopped.step('out');
      assert.equal(stopped.hart.getX(2), sp);
      seen.push(functions(stopped).join(' '));
    }
    assert.deepEqual(seen, ['inner middle plain', 'middle plain', 'plain']);
  });

  it('runs loops in inlined functions at full speed', async () => {
    for (const kind of ['over', 'out'] as const) {
      const stopped = await at(commented(kind === 'over' ? 'before the long one' : 'turns'));
      const { instructions } = stopped.debuggee.target;
      for (let count = 0; stopped.line !== commented('behind the long one') && count < 4; count++) {
        await stopped.step(functions(stopped)[0] === 'waits' ? 'out' : kind);
      }
      assert.equal(stopped.line, commented('behind the long one'));
      assert.ok(stopped.debuggee.target.instructions - instructions > 20_000_000);
      assert.ok(stopped.looks < fewLooks, `${stopped.looks} looks`);
    }
  });

  it('can go into each inlined function and each call of a line', async () => {
    const labels = (stopped: Stopped) =>
      stepTargets(stopped.debuggee, stopped.hart).map(({ label }) => label);
    const arrive = async () => {
      const stopped = await at(commented('before both'));
      for (let count = 0; stopped.line !== commented('inlined and called') && count < 4; count++) {
        await stopped.step('over');
      }
      return stopped;
    };
    const found = labels(await arrive());
    assert.deepEqual([...found].sort(), ['inner (inlined)', 'middle (inlined)', 'real']);
    for (const [index, label] of found.entries()) {
      const stopped = await arrive();
      await stopped.step('in', 'statement', {
        into: stepTargets(stopped.debuggee, stopped.hart)[index]!.address,
      });
      assert.equal(functions(stopped)[0], label.replace(' (inlined)', ''));
    }
  });

  it('goes where single instruction steps with the same rule go', async () => {
    const lineOf = ({ line }: Stopped) => Number(line.split(':')[1]);
    const slow = Number(commented('calls slow').split(':')[1]);
    const files = fc.constantFrom(program, optimized);
    const kinds = fc.array(fc.constantFrom('in', 'over', 'out'), { minLength: 20, maxLength: 60 });
    const places = fc.constantFrom(
      'begins',
      'before both',
      'before those that follow',
      'in a loop',
      'near the end',
    );
    await fc.assert(
      fc.asyncProperty(files, places, kinds, async (file, place, steps) => {
        const stepped = await at(commented(place), file);
        const reference = await at(commented(place), file);
        let isBefore = false;
        for (const kind of steps) {
          // Single steps would be at it for hours.
          if (lineOf(stepped) >= slow && functions(stepped).join() === 'start') break;
          if (kind === 'out' && nest(stepped).length < 2) continue;
          const from = `${kind} from ${stepped.place} ${stepped.line}`;
          await stepped.step(kind);
          await stepByInstructions(reference, kind, isBefore && kind === 'over');
          isBefore = kind === 'over';
          assert.equal(stepped.place, reference.place, from);
          assert.equal(stepped.debuggee.target.instructions, reference.debuggee.target.instructions, from);
        }
      }),
      { numRuns: 15 },
    );
  });
});

/** A step by the words of its description, in a program without traps. */
async function stepByInstructions(
  stopped: Stopped,
  kind: 'in' | 'over' | 'out',
  isBefore: boolean,
): Promise<void> {
  const { debuggee, hart } = stopped;
  const row = () => rowAt(debuggee, hart.pc, hart.bare);
  const symbol = () => functionAt(debuggee, hart.pc, hart.bare);
  const instruction = () => debuggee.target.run({ kind: 'step', hart: hart.index });
  /** How many functions are around the inlined ones that begin at the pc, and the line that has them. */
  const outerOnes = (): readonly [number, SourceLine | undefined] => {
    const scopes = [...scopesAt(stopped)].reverse();
    const depth = scopes.findIndex(({ entry, callSite }) => callSite && entry === hart.pc);
    return depth < 0 ? [scopes.length, row()] : [depth, scopes[depth]!.callSite];
  };
  const [depth, start] = isBefore ? outerOnes() : [Infinity, row()];
  const home = nest(stopped).slice(0, depth);
  const function_ = symbol();
  for (;;) {
    const { pc } = hart;
    const frame = hart.getX(2);
    const executed = instructionAt(debuggee, hart, pc)!;
    await instruction();
    if (executed.flow === 'return') return;
    const isTail = executed.flow === 'jump' && symbol() !== function_ && symbol()?.address === hart.pc;
    if (executed.flow === 'call' || isTail) {
      if (kind === 'in') {
        const body = afterPrologue(debuggee.program, debuggee.target, hart.pc);
        while (hart.pc !== body) await instruction();
        return;
      }
      const back = isTail ? hart.getX(1) : pc + BigInt(executed.length);
      while (hart.pc !== back || hart.getX(2) !== frame) await instruction();
    }
    if (symbol() !== function_) return;
    const now = row();
    if (!now) return;
    if (kind !== 'out' && (!now.startsStatement || now.start !== hart.pc)) continue;
    const [outer, line] = kind === 'over' ? outerOnes() : [Infinity, now];
    const whole = nest(stopped);
    const isSameOrOuter = whole.length <= home.length && whole.every((one, n) => one === home[n]);
    const here = isSameOrOuter ? whole : whole.slice(0, outer);
    const place = isSameOrOuter ? now : line!;
    const isOutside = here.length < home.length && here.every((one, depth) => one === home[depth]);
    const isSame = here.join() === home.join();
    const isOther = place.line !== start?.line || place.file !== start.file;
    if (kind === 'in' && (!isSame || isOther)) return;
    if (kind === 'over' && (isOutside || (isSame && isOther))) return;
    if (kind === 'out' && isOutside) return;
  }
}
