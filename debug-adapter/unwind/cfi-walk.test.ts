import assert from 'node:assert/strict';
import fc from 'fast-check';
import { walkCfi } from './cfi-walk';
import { layout, legacyLayout, StackImage, textStart } from './stack-image.test-support';
import type { CfiCaller, CfiRefusal, KnownRegisters, PtRegsLayout, WalkInput, WalkStart } from './types';

const low = 0xffff_8f80_0001_0000n;
const high = low + 0x4000n;
const irqLow = low + 0x1_0000n;
const irqHigh = irqLow + 0x4000n;
const entry = textStart + 0x8000n;
const switching = textStart + 0x9000n;
const kernelStatus = 0x120n;
const userStatus = 0x20n;
const ra = (n: number) => textStart + 0x2000n + BigInt(0x10 * n);

/** Functions by their pc: bytes of the frame, ra and s0 in its two upper words; 0 is a function that has saved nothing. */
type Frames = ReadonlyMap<bigint, bigint>;

class Situation {
  readonly image = new StackImage();
  readonly layout: PtRegsLayout;
  readonly #frames = new Map<bigint, bigint>();
  readonly asked: { readonly pc: bigint; readonly isReturnAddress: boolean }[] = [];

  constructor(layoutOfKernel: PtRegsLayout = legacyLayout) {
    this.layout = layoutOfKernel;
    this.image.add('task', low, high - low);
    this.image.add('irq', irqLow, irqHigh - irqLow);
  }

  get ptRegs(): bigint {
    return high - ((BigInt(this.layout.size) + 15n) & ~15n);
  }

  /** A frame of `size` bytes at sp, of the function with this pc. */
  frame(pc: bigint, sp: bigint, size: bigint, callerRa: bigint, callerS0 = 0n): this {
    this.#frames.set(pc, size);
    if (size > 0n) this.image.write(sp + size - 16n, callerS0, callerRa);
    return this;
  }

  regs(address: bigint, status: bigint, x: Readonly<Record<number, bigint>> = {}, epc = 0n): this {
    this.image.write(address + BigInt(this.layout.epc), epc);
    this.image.write(address + BigInt(this.layout.status), status);
    for (const [register, value] of Object.entries(x))
      this.image.write(address + BigInt(this.layout.x[Number(register)]!), value);
    return this;
  }

  walk(start: WalkStart, more: Partial<WalkInput> = {}) {
    const result = walkCfi(
      this.image.input(start, {
        layout: this.layout,
        ptRegs: this.ptRegs,
        isExceptionEntry: (pc) => pc >= entry && pc < entry + 0x100n,
        stepByCfi: (pc, isReturnAddress, registers) => this.#step(pc, isReturnAddress, registers),
        ...more,
      }),
    );
    assert.equal(result.kind, 'cfi');
    assert.equal(result.reliable, false);
    assert.deepEqual(this.image.strayReads, []);
    return result;
  }

  #step(pc: bigint, isReturnAddress: boolean, registers: KnownRegisters): CfiCaller | CfiRefusal {
    this.asked.push({ pc, isReturnAddress });
    const size = (this.#frames as Frames).get(pc);
    if (size === undefined) return { kind: 'uncovered', reason: 'no call frame information' };
    const cfa = registers.get(2)! + size;
    const s0 = registers.get(8)!;
    if (size === 0n) {
      const known = new Map([
        [2, cfa],
        [8, s0],
      ]);
      return { kind: 'caller', cfa, pc: registers.get(1)!, pcAt: undefined, registers: known };
    }
    const words = this.image.memory(cfa - 16n, 16);
    const view = new DataView(words!.buffer);
    const known = new Map([
      [2, cfa],
      [8, view.getBigUint64(0, true)],
    ]);
    return { kind: 'caller', cfa, pc: view.getBigUint64(8, true), pcAt: cfa - 8n, registers: known };
  }
}

function live(pc: bigint, x: Readonly<Record<number, bigint>>): WalkStart {
  const registers = new Map(Object.entries(x).map(([register, value]) => [Number(register), value]));
  return { kind: 'registers', pc, fp: x[8] ?? 0n, sp: x[2]!, registers };
}

const rows = ({ frames }: ReturnType<typeof walkCfi>) =>
  frames.map(({ pc, mark, stack }) => [pc, mark, stack?.kind]);

describe('walkCfi', () => {
  it('goes from frame to frame by CFA and saved ra, to the pt_regs of a system call', () => {
    for (const kernel of [legacyLayout, layout]) {
      const situation = new Situation(kernel);
      const { ptRegs } = situation;
      situation
        .frame(ra(0), ptRegs - 0x60n, 0x40n, ra(1), ptRegs - 0x20n)
        .frame(ra(1), ptRegs - 0x20n, 0x20n, entry + 4n, 0x77n)
        .regs(ptRegs, userStatus, {}, 0x1_0000n);
      const result = situation.walk(live(ra(0), { 2: ptRegs - 0x60n, 8: ptRegs - 0x20n }));
      assert.deepEqual(rows(result), [
        [ra(0), 'C', 'task'],
        [ra(1), 'C', 'task'],
        [entry + 4n, 'C', 'task'],
      ]);
      assert.deepEqual(result.end, {
        kind: 'final',
        rule: 'R7',
        reason: 'entered from user mode',
        address: ptRegs,
        ptRegs,
      });
      const { origin, reason, rule, fp } = result.frames[1]!;
      assert.deepEqual(origin, { kind: 'slot', address: ptRegs - 0x28n });
      assert.deepEqual(
        [rule, reason],
        ['R11', `CFA 0x${(ptRegs - 0x20n).toString(16)}, ra saved at 0x${(ptRegs - 0x28n).toString(16)}`],
      );
      assert.equal(fp, ptRegs - 0x20n);
      assert.deepEqual(situation.asked, [
        { pc: ra(0), isReturnAddress: false },
        { pc: ra(1), isReturnAddress: true },
      ]);
      assert.match(result.verdict, /^a witness, not the kernel's verdict \(R20\).*from the first frame/);
    }
  });

  it('finds a caller in ra, at a live pc and behind an exception, and marks it (L)', () => {
    const situation = new Situation();
    const { ptRegs } = situation;
    const inner = ptRegs - 0x200n;
    situation
      .frame(ra(0), inner - 0x20n, 0n, 0n)
      .frame(ra(1), inner - 0x20n, 0x20n, entry + 4n)
      .regs(inner, kernelStatus, { 1: ra(3), 2: ptRegs - 0x20n, 8: 0x88n, 10: 0xaan }, ra(2))
      .frame(ra(2), ptRegs - 0x20n, 0n, 0n)
      .frame(ra(3), ptRegs - 0x20n, 0x20n, entry + 4n)
      .regs(ptRegs, userStatus);
    const result = situation.walk(live(ra(0), { 1: ra(1), 2: inner - 0x20n, 8: 0n }));
    assert.deepEqual(
      result.frames.map(({ pc, mark }) => [pc, mark]),
      [
        [ra(0), 'C'],
        [ra(1), 'L'],
        [entry + 4n, 'C'],
        [ra(2), 'P'],
        [ra(3), 'L'],
        [entry + 4n, 'C'],
      ],
    );
    assert.equal(result.end.kind, 'final');
    assert.deepEqual(result.frames[1]!.origin, { kind: 'register', name: 'ra' });
    assert.equal(result.frames[3]!.registers.get(10), 0xaan);
    assert.equal(result.frames[3]!.isReturnAddress, false);
    assert.equal(result.frames[3]!.rule, 'R8');
  });

  it('leaves a stack by the record of assembly that has switched to it, and says so', () => {
    const situation = new Situation();
    const { ptRegs } = situation;
    situation.frame(ra(0), irqHigh - 0x40n, 0x40n, switching, ptRegs - 0x40n);
    situation.image.record(ptRegs - 0x40n, ptRegs, ra(1));
    situation.frame(ra(1), ptRegs - 0x40n, 0x40n, entry + 4n).regs(ptRegs, userStatus);
    const result = situation.walk(live(ra(0), { 2: irqHigh - 0x40n, 8: irqHigh }));
    assert.deepEqual(rows(result), [
      [ra(0), 'C', 'irq'],
      [switching, 'C', 'irq'],
      [ra(1), 'C', 'task'],
      [entry + 4n, 'C', 'task'],
    ]);
    assert.equal(result.end.kind, 'final');
    assert.match(
      result.frames[2]!.reason,
      /^no call frame information for 0x\w+, which has switched to the irq stack: its own frame record at/,
    );
    assert.match(result.verdict, /1 of them by a frame record/);
  });

  it('ends at the pt_regs of the task itself where assembly has started it', () => {
    const situation = new Situation();
    const { ptRegs } = situation;
    situation.frame(ra(0), ptRegs - 0x20n, 0x20n, switching).regs(ptRegs, kernelStatus);
    const start: WalkStart = {
      kind: 'blocked',
      pc: ra(0),
      fp: 0n,
      sp: ptRegs - 0x20n,
      isReturnAddress: true,
      registers: new Map([
        [2, ptRegs - 0x20n],
        [8, 0n],
      ]),
    };
    const result = situation.walk(start);
    assert.deepEqual(
      result.frames.map(({ mark }) => mark),
      ['T', 'C'],
    );
    assert.deepEqual(
      [result.end.kind, result.end.reason],
      ['final', 'kernel thread, never entered from user mode'],
    );
    const unborn = situation.walk({ ...start, pc: switching, sp: ptRegs, registers: new Map([[2, ptRegs]]) });
    assert.equal(unborn.end.kind, 'final');
  });

  it('goes from the overflow stack to what has overflowed, by a jump or a call, with sp below the stack', () => {
    for (const [link, between] of [
      [ra(2), []],
      // Behind a call that does not return, at the end of the entry code.
      [entry + 0x100n, [[entry + 0x100n, 'C', 'overflow']]],
    ] as const) {
      const situation = new Situation();
      const { ptRegs, layout: kernel } = situation;
      const overflow = situation.image.add('overflow', low + 0x2_0000n, 0x1000n);
      const saved = overflow.high - ((BigInt(kernel.size) + 15n) & ~15n);
      const sp = low - 0x100n;
      situation
        .frame(ra(0), saved - 0x20n, 0x20n, link)
        .regs(saved, kernelStatus, { 1: ra(2), 2: sp, 8: ptRegs }, ra(1))
        .frame(ra(1), sp, ptRegs - sp, entry + 4n)
        .regs(ptRegs, userStatus);
      const result = situation.walk(live(ra(0), { 2: saved - 0x20n, 8: 0n }));
      assert.deepEqual(rows(result), [
        [ra(0), 'C', 'overflow'],
        ...between,
        [ra(1), 'P', 'task'],
        [entry + 4n, 'C', 'task'],
      ]);
      assert.equal(result.end.kind, 'final');
    }
  });

  it('trusts pt_regs at a live pc of the exception entry code only once they are written', () => {
    const situation = new Situation();
    const { ptRegs } = situation;
    const inner = ptRegs - 0x200n;
    situation
      .regs(inner, kernelStatus, { 1: ra(3), 2: ptRegs - 0x20n }, ra(2))
      .frame(ra(2), ptRegs - 0x20n, 0x20n, entry + 4n)
      .regs(ptRegs, userStatus);
    const registers = { 2: inner, 9: kernelStatus, 18: ra(2), 19: 0n, 20: 0n };
    const written = situation.walk(live(entry + 0x80n, registers));
    assert.deepEqual(
      written.frames.map(({ pc, mark }) => [pc, mark]),
      [
        [entry + 0x80n, 'C'],
        [ra(2), 'P'],
        [entry + 4n, 'C'],
      ],
    );
    for (const register of [9, 18, 19, 20]) {
      const { end, frames } = situation.walk(live(entry + 0x80n, { ...registers, [register]: 0x55n }));
      assert.deepEqual([end.rule, frames.length], ['R8', 1]);
    }
    assert.equal(situation.walk(live(entry, { ...registers, 2: 0x1000n })).end.rule, 'R8');
  });

  it('says which rule a step broke', () => {
    const situation = new Situation();
    const { ptRegs } = situation;
    const sp = ptRegs - 0x100n;
    const start = live(ra(0), { 1: ra(1), 2: sp, 8: 0n });
    const endOf = (step: Partial<CfiCaller> | CfiRefusal, from = start) => {
      const caller: CfiCaller = {
        kind: 'caller',
        cfa: sp + 0x20n,
        pc: ra(1),
        pcAt: sp + 0x18n,
        registers: new Map(),
      };
      const { end, frames } = situation.walk(from, {
        stepByCfi: () => ('reason' in step ? step : { ...caller, ...step }),
      });
      return [end.rule, end.reason.replace(/0x\w+/g, '#'), frames.length];
    };
    assert.deepEqual(endOf({ cfa: sp, registers: new Map([[2, sp]]) }), [
      'R4',
      'the CFA # is not above sp #: the frame would take no stack',
      1,
    ]);
    assert.equal(endOf({ cfa: sp - 8n })[0], 'R4');
    assert.deepEqual(endOf({ cfa: sp + 0x21n }), ['R2', 'the CFA # is not a multiple of 8', 1]);
    assert.equal(endOf({ cfa: high + 8n })[0], 'R3');
    assert.equal(endOf({ cfa: irqLow + 8n })[0], 'R3');
    assert.deepEqual(endOf({ pcAt: sp - 8n }), ['R3', 'ra saved at #, outside its frame from # to #', 1]);
    assert.equal(endOf({ pcAt: sp + 0x1cn })[0], 'R3');
    assert.deepEqual(endOf({ pc: 0x1000n }), [
      'R18',
      'return address # (CFA #, ra saved at #) is not in kernel text',
      1,
    ]);
    // A caller has called, and cannot have an empty frame.
    assert.equal(endOf({ cfa: sp, pcAt: undefined, registers: new Map([[2, sp]]) })[2], 2);
    assert.deepEqual(endOf({}), ['R11', 'sp is not known at #', 2]);
    assert.deepEqual(endOf({ kind: 'failed', reason: 'why' }), ['R11', 'why', 1]);
    assert.deepEqual(endOf({ kind: 'uncovered', reason: 'why' }), ['R11', 'why', 1]);
    assert.deepEqual(endOf({ kind: 'outermost', reason: 'nothing' }), ['R11', 'nothing', 1]);
    assert.equal(endOf({}, live(0x1000n, { 2: sp }))[0], 'R18');
    assert.equal(endOf({}, { kind: 'user', pc: 0x1000n, fp: 0n })[0], 'R18');
  });

  it('takes pt_regs from user mode for the end only where they are the own ones of the task', () => {
    const situation = new Situation();
    const { ptRegs } = situation;
    const inner = ptRegs - 0x200n;
    situation.frame(ra(0), inner - 0x20n, 0x20n, entry + 4n).regs(inner, userStatus);
    const start = live(ra(0), { 2: inner - 0x20n, 8: 0n });
    assert.match(situation.walk(start).end.reason, /but this task's own are at/);
    const unknown = situation.walk(start, { ptRegs: undefined }).end;
    assert.deepEqual([unknown.kind, unknown.rule], ['error', 'R7']);
  });

  it('never enters a stack that it has left, and never goes down', () => {
    const down = new Situation();
    const inner = down.ptRegs - 0x400n;
    down
      .frame(ra(0), inner - 0x20n, 0x20n, entry + 4n)
      .regs(inner, kernelStatus, { 2: inner - 0x20n, 8: 0n }, ra(0));
    const again = down.walk(live(ra(0), { 2: inner - 0x20n, 8: 0n }));
    assert.deepEqual([again.end.rule, again.frames.length], ['R4', 3]);

    const back = new Situation();
    back.frame(ra(0), irqHigh - 0x40n, 0x40n, switching, inner);
    back.image.record(inner, 0n, entry + 4n);
    back.regs(inner, kernelStatus, { 2: irqHigh - 0x40n, 8: 0n }, ra(0));
    const left = back.walk(live(ra(0), { 2: irqHigh - 0x40n, 8: irqHigh }));
    assert.deepEqual([left.end.rule, left.frames.length], ['R4', 4]);
    assert.match(left.end.reason, /which the walk has left/);
  });

  it('ends whatever the registers, the memory and call frame information say, and reads stacks only', () => {
    const situation = new Situation();
    const { ptRegs, image } = situation;
    const place = fc.oneof(
      fc.integer({ min: 0, max: 0x820 }).map((n) => low + BigInt(8 * n)),
      fc.integer({ min: 0, max: 40 }).map((n) => irqHigh - BigInt(16 * n)),
      fc.constantFrom(0n, 8n, ptRegs, high, irqHigh, irqLow, (1n << 64n) - 8n, low + 3n),
    );
    const text = fc.constantFrom(ra(0), ra(1), entry, entry + 0x80n, switching, 0x1000n);
    const status = fc.constantFrom(kernelStatus, userStatus);
    const step = fc.oneof(
      fc.record({
        cfa: fc.oneof(
          place,
          fc.integer({ min: -2, max: 64 }).map((n) => BigInt(8 * n)),
        ),
        pc: text,
        pcAt: fc.option(place, { nil: undefined }),
        s0: place,
      }),
      fc.constantFrom('uncovered' as const, 'failed' as const, 'outermost' as const),
    );
    const input = fc.record({
      steps: fc.array(step, { minLength: 1, maxLength: 20 }),
      words: fc.array(fc.tuple(place, fc.oneof(place, text, status)), { maxLength: 60 }),
      start: fc.record({ pc: text, sp: place, s0: place }),
    });
    fc.assert(
      fc.property(input, ({ steps, words, start }) => {
        words.forEach(([address, word]) => image.write(address, word));
        let asked = 0;
        const { frames, end } = situation.walk(live(start.pc, { 1: ra(1), 2: start.sp, 8: start.s0 }), {
          stepByCfi: (_pc, _isReturnAddress, registers) => {
            const next = steps[asked++ % steps.length]!;
            if (typeof next === 'string') return { kind: next, reason: next };
            const { pc, pcAt, s0 } = next;
            // Small ones are sizes of frames.
            const cfa = next.cfa < 0x1000n ? registers.get(2)! + next.cfa : next.cfa;
            const saved = pcAt === undefined || next.cfa >= 0x1000n ? pcAt : cfa - 8n;
            const known = new Map([
              [2, cfa],
              [8, s0],
            ]);
            return { kind: 'caller', cfa, pc, pcAt: saved, registers: known };
          },
        });
        assert.ok(frames.length < 2 * (0x8000 / 8) + 2);
        assert.match(end.rule, /^R\d+$/);
      }),
      { numRuns: 2000 },
    );
  });

  it('says that a program has no call frame information', () => {
    const situation = new Situation();
    const input = situation.image.input(live(ra(0), { 2: low + 0x100n }));
    assert.equal(walkCfi(input).end.reason, 'the program has no call frame information');
  });
});
