import assert from 'node:assert/strict';
import fc from 'fast-check';
import { walkCfi } from './cfi-walk';
import { walkMetadata } from './metadata-walk';
import { layout, StackImage, textStart } from './stack-image.test-support';
import type { CallSite, StepByCfi, WalkInput, WalkResult, WalkStart } from './types';

const low = 0xffff_8f80_0001_0000n;
const high = low + 0x4000n;
const finalFp = high - 16n;
const finalRecord = finalFp - 16n;
const kernelStatus = 0x120n;
const s0 = low + 0x3000n;
const sp = s0 - 0x20n;
const a5 = 15;
const handler = textStart + 0x1000n;
const ra = (n: number) => textStart + 0x2000n + BigInt(0x10 * n);

type Registers = Readonly<Record<number, bigint>>;

/** The function at ra(1) has called what is not there: s0 and sp are its own, and it was called by the one at ra(2). */
const called = (pc: bigint): Registers => ({ 1: ra(1), 2: sp, 8: s0, [a5]: pc });

const throughA5: readonly CallSite[] = [{ kind: 'register', register: a5, offset: 0n }];
const before = (calls: readonly CallSite[], at = ra(1)) => ({
  callsBefore: (address: bigint) => (address === at ? calls : []),
});

/** Each function has 32 bytes, with ra and s0 in the upper two words. */
const stepByCfi: StepByCfi = (pc, isReturnAddress, registers) => {
  if (!isReturnAddress) return { kind: 'uncovered', reason: 'no call frame information' };
  const cfa = registers.get(2)! + 0x20n;
  if (pc === ra(2)) return { kind: 'outermost', reason: 'the first' };
  const known = new Map([[2, cfa]]);
  return { kind: 'caller', cfa, pc: ra(2), pcAt: cfa - 8n, registers: known };
};

class Situation {
  readonly image = new StackImage();

  constructor() {
    this.image.add('task', low, high - low);
    this.image.metadata(finalFp, 1n);
    this.image.record(s0, finalFp, ra(2));
  }

  live(pc: bigint, x: Registers = called(pc)): WalkStart {
    const registers = new Map(Object.entries(x).map(([index, value]) => [Number(index), value]));
    return { kind: 'registers', pc, fp: x[8]!, sp: x[2]!, registers };
  }

  /** In the handler of the exception that the pc has led to. */
  handled(pc: bigint, x: Registers = called(pc)): WalkStart {
    const fp = low + 0x2000n;
    const saved = Object.entries(x).map(([index, value]) => [layout.x[Number(index)]!, value]);
    this.image.ptRegs(fp, 2n, {
      [layout.epc]: pc,
      [layout.status]: kernelStatus,
      ...(Object.fromEntries(saved) as Registers),
    });
    return { kind: 'registers', pc: handler, fp, sp: fp - 0x200n };
  }

  walk(start: WalkStart, more: Partial<WalkInput>, by = walkMetadata): WalkResult {
    const result = by(this.image.input(start, { finalRecord, stepByCfi, ...before(throughA5), ...more }));
    assert.deepEqual(this.image.strayReads, []);
    return result;
  }
}

const rows = ({ frames }: WalkResult) => frames.map(({ pc, mark, rule }) => [pc, mark, rule]);
const reasonFor = (x: Registers, more: Partial<WalkInput> = {}, pc = 0n) => {
  const situation = new Situation();
  const { frames, end } = situation.walk(situation.live(pc, x), more);
  assert.deepEqual([frames.length, end.kind, end.rule, end.address], [1, 'error', 'R18', pc]);
  return end.reason;
};

describe('a call of what is no kernel text (R11)', () => {
  it('has its caller at ra where the call before ra went to this pc, with s0 as it stands', () => {
    for (const pc of [0n, 0xdead_0000n, low + 0x100n]) {
      const situation = new Situation();
      const shown = situation.walk(situation.live(pc), {});
      assert.deepEqual(rows(shown), [
        [pc, 'C', 'R1'],
        [ra(1), 'L', 'R11'],
        [ra(2), 'C', 'R6'],
      ]);
      const [, caller] = shown.frames;
      assert.deepEqual(caller!.origin, { kind: 'register', name: 'ra' });
      assert.deepEqual([caller!.isReturnAddress, caller!.fp, caller!.stack?.kind], [true, s0, 'task']);
      assert.deepEqual(
        [1, 2, 8, a5].map((index) => caller!.registers.get(index)),
        [undefined, sp, s0, pc],
        'all are the same as at the call, but for what that has written',
      );
      assert.equal(
        caller!.reason,
        `the call before 0x${ra(1).toString(16)} led to 0x${pc.toString(16)}, which is not in kernel text: nothing has been executed there, and ra and s0 are as they were`,
      );
      assert.equal(shown.end.kind, 'final');
    }
  });

  it('has it behind an exception as well', () => {
    const situation = new Situation();
    const shown = situation.walk(situation.handled(0n), {});
    assert.deepEqual(rows(shown), [
      [handler, 'C', 'R1'],
      [0n, 'P', 'R8'],
      [ra(1), 'L', 'R11'],
      [ra(2), 'C', 'R6'],
    ]);
    assert.equal(shown.end.kind, 'final');
    assert.match(
      shown.verdict,
      /by frame pointers alone the walk ends at R18: pc 0x0 is not in kernel text$/,
    );
  });

  it('is not reliable, and ends by the rules of the kernel', () => {
    const situation = new Situation();
    const start = situation.live(0n);
    const shown = situation.walk(start, {});
    assert.equal(shown.reliable, false);
    assert.match(
      shown.verdict,
      /\(R20\): by frame pointers alone the walk ends at R18: pc 0x0 is not in kernel text$/,
    );
    const strict = situation.image.input(start, { finalRecord, ...before(throughA5) });
    const { frames, end } = walkMetadata(strict);
    assert.deepEqual([frames.length, end.rule, end.reason], [1, 'R18', 'pc 0x0 is not in kernel text']);
  });

  it('is what the walk by call frame information goes on from, with all registers', () => {
    const situation = new Situation();
    const shown = situation.walk(situation.live(0n), {}, walkCfi);
    assert.deepEqual(rows(shown), [
      [0n, 'C', 'R1'],
      [ra(1), 'L', 'R11'],
      [ra(2), 'C', 'R11'],
    ]);
    assert.equal(shown.end.kind, 'final');
    const blocked = situation.walk(
      { kind: 'blocked', pc: 0n, fp: s0, sp, isReturnAddress: true },
      {},
      walkCfi,
    );
    assert.deepEqual([blocked.frames.length, blocked.end.reason], [1, 'pc 0x0 is not in kernel text']);
  });

  it('may be a call with an offset, one of an absolute address, or one that says itself where it goes', () => {
    const led = (call: CallSite, a: bigint, pc: bigint) => {
      const situation = new Situation();
      const start = situation.live(pc, { ...called(pc), [a5]: a });
      return rows(situation.walk(start, before([throughA5[0]!, call]))).length === 3;
    };
    assert.ok(led({ kind: 'register', register: a5, offset: -8n }, 0x1009n, 0x1000n), 'bit 0 is cleared');
    assert.ok(led({ kind: 'register', register: a5, offset: -8n }, 4n, (1n << 64n) - 4n), 'modulo 2^64');
    assert.ok(led({ kind: 'register', register: 0, offset: 8n }, 1n, 8n));
    assert.ok(led({ kind: 'direct', target: 0x5000n }, 1n, 0x5000n));
    assert.ok(!led({ kind: 'register', register: a5, offset: 8n }, 0x1001n, 0x1004n));
  });

  it('may come from a module', () => {
    const module = 0xffff_ffff_0200_0010n;
    const isKernelText = (pc: bigint) => pc === module || pc >= textStart;
    const situation = new Situation();
    const start = situation.live(0n, { ...called(0n), 1: module });
    const shown = situation.walk(start, { isKernelText, ...before(throughA5, module) });
    assert.deepEqual(rows(shown)[1], [module, 'L', 'R11']);
  });
});

describe('a pc that is no kernel text, without a call that led there (R18)', () => {
  it('was returned to if ra is the same', () => {
    const reason = reasonFor({ ...called(8n), 1: 8n }, {}, 8n);
    assert.equal(
      reason,
      'pc 0x8 is not in kernel text; ra is the same, as it is after a return to a wrong address',
    );
  });

  it('has no caller in a ra that is no kernel text either', () => {
    const reason = reasonFor({ ...called(0n), 1: low });
    assert.equal(
      reason,
      `pc 0x0 is not in kernel text; ra is 0x${low.toString(16)}, which is no kernel text either`,
    );
  });

  it('has none in a stale ra: no call is before it, or one that went elsewhere, or nobody knows where', () => {
    const start = `pc 0x0 is not in kernel text; ra is 0x${ra(1).toString(16)}`;
    assert.equal(reasonFor(called(0n), before([])), `${start}, and no call is right before that`);
    const other = ra(7);
    assert.equal(
      reasonFor({ ...called(0n), [a5]: other }),
      `${start}, but the call right before that leads to 0x${other.toString(16)} by the registers as they are: it was an earlier one`,
    );
    assert.equal(
      reasonFor(called(0n), before([{ kind: 'register', register: 1, offset: 0n }])),
      `${start}, and where the call right before that went is not known`,
    );
  });

  it('has none that is certain where not all registers are known', () => {
    assert.equal(reasonFor({ 2: sp, 8: s0 }), 'pc 0x0 is not in kernel text');
    const situation = new Situation();
    const start = { kind: 'blocked', pc: 0n, fp: s0, sp, isReturnAddress: true } as const;
    assert.equal(situation.walk(start, {}).end.reason, 'pc 0x0 is not in kernel text');
    const user = { kind: 'user', pc: 0n, fp: s0, registers: new Map([[1, ra(1)]]) } as const;
    assert.match(situation.walk(user, {}).end.reason, /^user code at 0x0/);
  });

  it('ends a walk in any case, whatever the calls before addresses are said to be', () => {
    const word = fc.constantFrom(0n, 8n, low, s0, sp, finalFp, ra(1), ra(2), textStart);
    const call = fc.oneof(
      fc.record({ kind: fc.constant('register' as const), register: fc.nat(31), offset: word }),
      fc.record({ kind: fc.constant('direct' as const), target: word }),
    );
    const scene = fc.record({
      x: fc.array(word, { minLength: 32, maxLength: 32 }),
      pc: word,
      calls: fc.array(call),
    });
    fc.assert(
      fc.property(
        scene,
        fc.boolean(),
        fc.constantFrom(walkMetadata, walkCfi),
        ({ x, pc, calls }, isLive, by) => {
          const situation = new Situation();
          const registers = Object.fromEntries(x.slice(1).map((value, index) => [index + 1, value]));
          const start = isLive ? situation.live(pc, registers) : situation.handled(pc, registers);
          const { frames } = situation.walk(start, { callsBefore: () => calls }, by);
          assert.ok(frames.length < 1024);
          const wild = frames.findIndex((frame) => frame.pc < textStart);
          const caller = wild < 0 ? undefined : frames[wild + 1];
          if (caller) assert.deepEqual([caller.pc, caller.mark, caller.rule], [registers[1], 'L', 'R11']);
        },
      ),
    );
  });
});
