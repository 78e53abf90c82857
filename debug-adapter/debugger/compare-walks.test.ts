import assert from 'node:assert/strict';
import type { Mark, WalkEnd, WalkKind } from '../unwind/types';
import type { CallStack, StackRow } from './api';
import { compareWalks } from './compare-walks';

/** `f`, `g(P)`: a frame of each function, at a pc that its letter gives. */
function stack(kind: WalkKind, names: readonly string[], end: Partial<WalkEnd> = {}): CallStack {
  const rows = names.map((text, index): StackRow => {
    const pc = BigInt(text.charCodeAt(0));
    const mark = (/\((.)\)/.exec(text)?.[1] ?? 'C') as Mark;
    return {
      kind: 'frame',
      text,
      frame: {
        pc,
        mark,
        isReturnAddress: index > 0 && mark !== 'P',
        stack: undefined,
        origin: { kind: 'live' },
        fp: 16n * BigInt(index),
        registers: new Map(),
        rule: 'R6',
        reason: `why ${text}`,
      },
      location: {
        pc,
        physical: false,
        module: undefined,
        symbol: text[0],
        offset: 0,
        size: 0,
        source: undefined,
      },
    };
  });
  const walkEnd: WalkEnd = { kind: 'final', rule: 'R7', reason: 'the end', address: undefined, ...end };
  const walk = { kind, frames: [], end: walkEnd, reliable: false, verdict: 'verdict' };
  return { task: undefined, walk, rows: [...rows, { kind: 'end', text: '', rule: walkEnd.rule, ok: true }] };
}

const cells = ({ rows }: ReturnType<typeof compareWalks>) =>
  rows.map((row) => row.map((cell) => cell?.text ?? '·').join(' '));

describe('a comparison of walks', () => {
  it('has equal stacks in line and no difference', () => {
    const compared = compareWalks([stack('metadata', ['a', 'b', 'c']), stack('legacy', ['a', 'b', 'c'])]);
    assert.deepEqual(cells(compared), ['a a', 'b b', 'c c']);
    assert.equal(compared.difference, undefined);
  });

  it('leaves a gap where a walk skips a frame, and says in which window the callee is', () => {
    const asked: bigint[] = [];
    const compared = compareWalks(
      [stack('metadata', ['a', 'c', 'd']), stack('true', ['a', 'b', 'c', 'd'])],
      ({ pc }) => {
        asked.push(pc);
        return 'prologue';
      },
    );
    assert.deepEqual(cells(compared), ['a a', '· b', 'c c', 'd d']);
    assert.equal(compared.difference!.row, 1);
    assert.deepEqual(asked, [BigInt('a'.charCodeAt(0))]);
    assert.deepEqual(compared.difference!.explanations, [
      'The metadata walk skips b: a is in its prologue, where s0 is still that of its caller and ra alone leads there.',
    ]);
  });

  it('says where a walk ends and by which rule', () => {
    const end = { kind: 'error', rule: 'legacy (d)', reason: 'the IRQ stack' } as const;
    const compared = compareWalks([stack('metadata', ['a', 'b', 'c']), stack('legacy', ['a'], end)]);
    assert.deepEqual(cells(compared), ['a a', 'b ·', 'c ·']);
    assert.deepEqual(compared.difference!.explanations, [
      'The legacy walk ends early. legacy (d): the IRQ stack',
    ]);
  });

  it('names a frame that only one walk has', () => {
    const compared = compareWalks([stack('metadata', ['a', 'x', 'c']), stack('true', ['a', 'b', 'c'])]);
    assert.deepEqual(new Set(cells(compared)), new Set(['a a', 'x ·', '· b', 'c c']));
    assert.equal(compared.difference!.explanations.length, 1);
  });

  it('tells an interrupted function from one that has called', () => {
    const compared = compareWalks([stack('metadata', ['a', 'b(P)']), stack('cfi', ['a', 'b'])]);
    assert.equal(compared.rows.length, 3);
  });

  it('explains each walk where it differs first', () => {
    const end = { kind: 'error', rule: 'R18', reason: 'a stack address' } as const;
    const compared = compareWalks(
      [
        stack('metadata', ['a', 'b', 'c'], end),
        stack('legacy', ['a'], end),
        stack('true', ['a', 'b', 'c', 'd']),
      ],
      ({ pc }) => (pc === BigInt('c'.charCodeAt(0)) ? 'compact leaf' : undefined),
    );
    assert.equal(compared.difference!.row, 1);
    assert.deepEqual(compared.difference!.explanations, [
      'The metadata walk ends early. R18: a stack address (c is a compact leaf, which saves s0 alone: its caller is in ra)',
      'The legacy walk ends early. R18: a stack address',
    ]);
  });

  it('aligns three walks, whichever has most frames', () => {
    const compared = compareWalks([
      stack('metadata', ['a', 'c', 'd']),
      stack('legacy', ['a', 'b', 'd']),
      stack('true', ['a', 'b', 'c', 'd']),
    ]);
    assert.equal(compared.rows.length, 4);
    assert.deepEqual(cells(compared)[3], 'd d d');
  });

  it('leaves out what a deep recursion has more than a table can show', () => {
    const deep = new Array<string>(2000).fill('r');
    assert.equal(compareWalks([stack('metadata', deep), stack('legacy', deep)]).rows.length, 512);
  });
});
