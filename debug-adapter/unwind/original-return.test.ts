/** R14 to R16 in both walks, with a tracer that has its list in a map. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { walkLegacy } from './legacy-walk';
import { walkMetadata } from './metadata-walk';
import { legacyLayout, StackImage, textStart } from './stack-image.test-support';
import type { ReturnSearch, WalkInput, WalkStart } from './types';

const low = 0xffff_8f80_0001_0000n;
const size = 0x4000n;
const final = low + size - 32n;
const pc = textStart + 0x1000n;
const trampoline = textStart + 0x2000n;
const ra = (n: number) => textStart + 0x3000n + BigInt(0x10 * n);
const fp = (n: number) => low + 0x1000n + BigInt(0x100 * n);

/** Finds by the caller's s0, or by the slot: what is under either key. A trampoline that runs has `own` as its s0. */
function tracer(kept: ReadonlyMap<bigint, bigint>, own?: bigint): () => ReturnSearch {
  const replaced: ReturnSearch['replaced'] = (at, { slot, fp: caller }) => {
    if (at !== trampoline) return undefined;
    const key = [slot, caller].find((cookie) => cookie !== undefined && kept.has(cookie));
    return key === undefined
      ? { kind: 'lost', rule: 'R14', reason: 'no entry' }
      : {
          kind: 'found',
          rule: 'R14',
          mark: 'F',
          pc: kept.get(key)!,
          fp: caller,
          address: 0x1234n,
          reason: 'an entry',
        };
  };
  const behind: ReturnSearch['behind'] = (at, s0) =>
    at >= trampoline && at < trampoline + 8n
      ? replaced(trampoline, { slot: undefined, fp: s0 === own ? fp(3) : s0 })
      : undefined;
  return () => ({ replaced, behind });
}

/** A stack of three functions, the middle one traced. */
function tracedStack(): StackImage {
  const image = new StackImage();
  image.add('task', low, size);
  image.record(fp(1), fp(2), ra(1));
  image.record(fp(2), fp(3), trampoline);
  image.record(fp(3), final + 16n, ra(3));
  image.metadata(final + 16n, 1n);
  return image;
}

const start = { kind: 'registers', pc, fp: fp(1), sp: fp(1) - 64n } as const;

describe('walkMetadata behind a return address that was replaced', () => {
  const walk = (image: StackImage, kept: ReadonlyMap<bigint, bigint>, more: Partial<WalkInput> = {}) =>
    walkMetadata(image.input(start, { finalRecord: final, originalReturns: tracer(kept), ...more }));

  it('has the original in its row, by R14', () => {
    const { frames, end, reliable } = walk(tracedStack(), new Map([[fp(3), ra(2)]]));
    assert.deepEqual(
      frames.map((frame) => [frame.pc, frame.mark, frame.rule]),
      [
        [pc, 'C', 'R1'],
        [ra(1), 'C', 'R6'],
        [ra(2), 'F', 'R14'],
        [ra(3), 'C', 'R6'],
      ],
    );
    assert.match(frames[2]!.reason, /^an entry; pc and s0 from the frame record at 0x/);
    assert.equal(frames[2]!.origin.kind, 'record');
    assert.deepEqual([end.kind, end.rule, reliable], ['final', 'R7', true]);
  });

  it('asks with the address of the saved ra', () => {
    const { frames } = walk(tracedStack(), new Map([[fp(2) - 8n, ra(2)]]));
    assert.equal(frames[2]!.pc, ra(2));
  });

  it('ends where the original is not found', () => {
    const { frames, end, reliable } = walk(tracedStack(), new Map());
    assert.deepEqual(end, { kind: 'error', rule: 'R14', reason: 'no entry', address: trampoline });
    assert.deepEqual([frames.length, reliable], [2, false]);
  });

  it('ends at an original that is no text', () => {
    const { frames, end } = walk(tracedStack(), new Map([[fp(3), 0x1000n]]));
    assert.deepEqual([end.rule, end.reason], ['R18', 'an entry, but 0x1000 is not in kernel text']);
    assert.equal(frames.length, 2);
  });

  it('shows a trampoline that is about to run, and where it goes on (R16)', () => {
    const { frames, end } = walkMetadata(
      tracedStack().input(
        { ...start, pc: trampoline },
        {
          finalRecord: final,
          originalReturns: tracer(
            new Map([
              [fp(1), ra(0)],
              [fp(3), ra(2)],
            ]),
          ),
        },
      ),
    );
    assert.deepEqual(
      frames.map((frame) => [frame.pc, frame.mark]),
      [
        [trampoline, 'C'],
        [ra(0), 'F'],
        [ra(1), 'C'],
        [ra(2), 'F'],
        [ra(3), 'C'],
      ],
    );
    assert.deepEqual(frames[1]!.origin, { kind: 'slot', address: 0x1234n });
    assert.equal(end.kind, 'final');
  });

  it('is not reliable where a trampoline runs', () => {
    const { reliable, verdict } = walkMetadata(
      tracedStack().input(
        { ...start, pc: trampoline },
        {
          finalRecord: final,
          originalReturns: tracer(
            new Map([
              [fp(1), ra(0)],
              [fp(3), ra(2)],
            ]),
          ),
        },
      ),
    );
    assert.equal(reliable, false);
    assert.match(verdict, /a tracer's trampoline was running/);
  });

  it('has both rows, too, where the trampoline has called a function', () => {
    const image = tracedStack();
    image.record(fp(1), fp(2), trampoline + 4n);
    const { frames, end } = walkMetadata(
      image.input(start, {
        finalRecord: final,
        originalReturns: tracer(new Map([[fp(3), ra(2)]]), fp(2)),
      }),
    );
    assert.deepEqual(
      frames.map((frame) => [frame.pc, frame.mark]),
      [
        [pc, 'C'],
        [trampoline + 4n, 'C'],
        [ra(2), 'F'],
        [ra(3), 'C'],
      ],
    );
    assert.equal(frames[2]!.fp, fp(3));
    assert.equal(end.kind, 'final');
  });

  it('replaces an ra that is live by call frame information (R11), by the s0 of the caller', () => {
    const image = tracedStack();
    const registers = new Map([
      [1, trampoline],
      [8, fp(1)],
    ]);
    const { frames } = walkMetadata(
      image.input(
        { ...start, registers },
        {
          finalRecord: final,
          originalReturns: tracer(
            new Map([
              [fp(1), ra(0)],
              [fp(3), ra(2)],
            ]),
          ),
          stepByCfi: (_, __, known) => ({
            kind: 'caller',
            cfa: start.sp,
            pc: known.get(1)!,
            pcAt: undefined,
            registers: known,
          }),
        },
      ),
    );
    assert.deepEqual(
      frames.slice(0, 3).map((frame) => [frame.pc, frame.mark, frame.rule]),
      [
        [pc, 'C', 'R1'],
        [ra(0), 'F', 'R14'],
        [ra(1), 'C', 'R6'],
      ],
    );
    assert.match(frames[1]!.reason, /^an entry; by call frame information ra is live/);
  });

  it('replaces the pc of a blocked task (R16)', () => {
    const blocked: WalkStart = {
      kind: 'blocked',
      pc: trampoline,
      fp: fp(1),
      sp: fp(1),
      isReturnAddress: true,
    };
    const image = tracedStack();
    image.record(fp(2), fp(3), ra(2));
    const { frames } = walkMetadata(
      image.input(blocked, { finalRecord: final, originalReturns: tracer(new Map([[fp(1), ra(0)]])) }),
    );
    assert.deepEqual([frames[0]!.pc, frames[0]!.mark], [ra(0), 'F']);
  });

  it('keeps the row of a blocked task whose pc is not found', () => {
    const image = tracedStack();
    const blocked: WalkStart = {
      kind: 'blocked',
      pc: trampoline,
      fp: fp(1),
      sp: fp(1),
      isReturnAddress: true,
    };
    const { frames, end } = walkMetadata(image.input(blocked, { originalReturns: tracer(new Map()) }));
    assert.deepEqual([frames.length, frames[0]!.pc, end.rule], [1, trampoline, 'R14']);
  });
});

describe('walkLegacy behind a return address that was replaced', () => {
  const walk = (kept: ReadonlyMap<bigint, bigint>) =>
    walkLegacy(tracedStack().input(start, { layout: legacyLayout, originalReturns: tracer(kept) }));

  it('has the original by the address of the saved ra, as (c) has it', () => {
    const { frames } = walk(new Map([[fp(2) - 8n, ra(2)]]));
    assert.deepEqual([frames[2]!.pc, frames[2]!.mark, frames[2]!.rule], [ra(2), 'F', 'legacy (c)']);
  });

  it('goes on with the trampoline otherwise, as the kernel does, and says what it misses', () => {
    const { frames } = walk(new Map([[fp(3), ra(2)]]));
    assert.deepEqual([frames[2]!.pc, frames[2]!.mark, frames[3]!.pc], [trampoline, 'C', ra(3)]);
    assert.match(
      frames[2]!.reason,
      /; walk_stackframe\(\) looks for the address 0x\S+ of the saved ra only, and does not see that an entry$/,
    );
    assert.match(walk(new Map()).frames[2]!.reason, /of the saved ra only$/);
  });
});

describe('walks behind trampolines', () => {
  it('end, whatever a tracer says and the stack holds', () => {
    const word = fc.oneof(
      fc.integer({ min: 1, max: 60 }).map((n) => low + BigInt(16 * n)),
      fc.constantFrom(trampoline, ra(1), 0n, 1n, 2n),
    );
    const words = fc.array(word, { minLength: 128, maxLength: 128 });
    const answers = fc.array(fc.constantFrom(trampoline, ra(2), 0n, undefined), { minLength: 1 });
    fc.assert(
      fc.property(words, answers, fc.constantFrom(pc, trampoline), (stack, replies, first) => {
        const image = new StackImage();
        image.add('task', low, 1024n);
        image.write(low, ...stack);
        const originalReturns = (): ReturnSearch => {
          let n = 0;
          const replaced = () => {
            const reply = replies[n++ % replies.length];
            return reply === undefined
              ? ({ kind: 'lost', rule: 'R15', reason: 'no entry' } as const)
              : ({
                  kind: 'found',
                  rule: 'R15',
                  mark: 'K',
                  pc: reply,
                  fp: low + 64n,
                  address: 0n,
                  reason: '',
                } as const);
          };
          return { replaced, behind: replaced };
        };
        const from: WalkStart = { kind: 'registers', pc: first, fp: low + 32n, sp: low };
        // Each object has 16 bytes, and each row may have one more behind it.
        assert.ok(walkMetadata(image.input(from, { originalReturns })).frames.length <= 2 * (1024 / 16 + 1));
        const legacy = walkLegacy(image.input(from, { layout: legacyLayout, originalReturns }));
        assert.ok(legacy.frames.length <= 1024);
        assert.deepEqual(image.strayReads, []);
      }),
    );
  });
});
