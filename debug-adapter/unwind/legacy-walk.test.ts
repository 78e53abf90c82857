import assert from 'node:assert/strict';
import fc from 'fast-check';
import { walkLegacy } from './legacy-walk';
import { legacyLayout as layout, StackImage, textStart } from './stack-image.test-support';
import { known } from './registers.test-support';
import type { WalkInput, WalkStart } from './types';

const low = 0xffff_8f80_0001_0000n;
const size = 0x4000n;
const high = low + size;
const ptRegs = high - 288n;
const pc = textStart + 0x1000n;
const ra = (n: number) => textStart + 0x2000n + BigInt(0x10 * n);
const entry = { start: textStart + 0x8000n, end: textStart + 0x8200n };
const inEntry = entry.start + 0x120n;
const userStatus = 0x20n;
const kernelStatus = 0x120n;
const x8 = layout.x[8]!;

function taskStack(): StackImage {
  const image = new StackImage();
  image.add('task', low, size);
  return image;
}

const live = (fp: bigint, sp = fp - 64n, x = new Map<number, bigint>()): WalkStart => ({
  kind: 'registers',
  pc,
  fp,
  sp,
  registers: x,
});

function walk(image: StackImage, start: WalkStart, more: Partial<WalkInput> = {}) {
  return walkLegacy(
    image.input(start, {
      layout,
      ptRegs,
      isExceptionCode: (at) => at >= entry.start && at < entry.end,
      ...more,
    }),
  );
}

function saveRegisters(image: StackImage, at: bigint, epc: bigint, status: bigint, fp: bigint): void {
  image.write(at + BigInt(layout.epc), epc);
  image.write(at + BigInt(layout.status), status);
  image.write(at + BigInt(layout.cause), 13n);
  image.write(at + BigInt(x8), fp);
}

describe('walkLegacy', () => {
  it('reports the entry code of a system call and ends at user mode, as (b) has it', () => {
    const image = taskStack();
    image.record(low + 0x3000n, ptRegs, ra(1));
    image.record(ptRegs, 0x3f_0000n, inEntry);
    saveRegisters(image, ptRegs, 0x1_0000n, userStatus, 0x3f_0000n);
    const { frames, end, kind, reliable } = walk(image, live(low + 0x3000n));
    assert.deepEqual(
      frames.map((frame) => [frame.pc, frame.mark]),
      [
        [pc, 'C'],
        [ra(1), 'C'],
        [inEntry, 'C'],
      ],
    );
    assert.deepEqual(end, {
      kind: 'final',
      rule: 'legacy (b)',
      reason: 'entered from user mode',
      address: ptRegs,
      ptRegs,
    });
    assert.deepEqual([kind, reliable], ['legacy', false]);
  });

  it('goes over an exception of the kernel at the sp of the entry code, as (b) has it', () => {
    const image = taskStack();
    const saved = low + 0x2000n;
    image.record(saved, 0n, inEntry);
    saveRegisters(image, saved, ra(5), kernelStatus, low + 0x3000n);
    image.record(low + 0x3000n, ra(9), ra(6));
    const { frames } = walk(image, live(saved));
    assert.deepEqual(
      frames.map((frame) => [frame.pc, frame.mark, frame.rule]),
      [
        [pc, 'C', 'R1'],
        [inEntry, 'C', 'legacy'],
        [ra(5), 'P', 'legacy (b)'],
        [ra(6), 'C', 'legacy'],
      ],
    );
    assert.equal(known(frames[2]!.registers).size, 31);
  });

  it('takes the caller of a leaf that saved only s0 from ra, as (a) has it, and only of the first function', () => {
    const image = taskStack();
    image.write(low + 0x2ff0n, 0x1234n, low + 0x3100n);
    image.record(low + 0x3100n, low + 0x3200n, ra(2));
    image.write(low + 0x31f0n, 0x1234n, low + 0x3300n);
    const { frames, end } = walk(image, live(low + 0x3000n, low + 0x2ff0n, new Map([[1, ra(1)]])));
    assert.deepEqual(
      frames.map((frame) => [frame.pc, frame.mark]),
      [
        [pc, 'C'],
        [ra(1), 'L'],
        [ra(2), 'C'],
      ],
    );
    assert.equal(end.rule, 'R18');
  });

  it('cannot leave the IRQ stack, as (d) has it', () => {
    const image = taskStack();
    const irq = image.add('irq', 0xffff_8f80_0000_0000n, size);
    image.record(irq.high, low + 0x3000n, ra(1));
    image.record(low + 0x3000n, low + 0x3100n, ra(2));
    const { frames, end } = walk(image, live(irq.high, irq.high - 64n));
    assert.deepEqual(
      frames.map((frame) => frame.pc),
      [pc, ra(1)],
    );
    assert.equal(end.rule, 'legacy (d)');
    assert.match(end.reason, /in the task stack, and this walk cannot leave the irq stack/);
  });

  it('ends at the start of a kernel thread, whose s0 is the address of its function, as (e) has it', () => {
    const image = taskStack();
    image.record(ptRegs, textStart + 0x40n, ra(1));
    const { frames, end } = walk(image, live(ptRegs));
    assert.equal(frames.length, 2);
    assert.deepEqual([end.kind, end.rule, end.address], ['final', 'legacy (e)', ptRegs]);
  });

  it('starts in a blocked task at thread.ra, thread.sp and thread.s[0]', () => {
    const image = taskStack();
    image.record(low + 0x3000n, textStart, ra(1));
    const start = {
      kind: 'blocked',
      pc,
      fp: low + 0x3000n,
      sp: low + 0x2f00n,
      isReturnAddress: true,
    } as const;
    const { frames } = walk(image, start);
    assert.deepEqual(
      frames.map((frame) => [frame.pc, frame.mark]),
      [
        [pc, 'T'],
        [ra(1), 'C'],
      ],
    );
  });

  it('stops at an s0 that is misaligned, or not above sp, or beyond the stack of sp', () => {
    const sp = low + 0x2f00n;
    for (const [fp, rule] of [
      [low + 0x3004n, 'R2'],
      [sp + 8n, 'R3'],
      [high + 16n, 'R3'],
      [0n, 'R3'],
    ] as const) {
      const { frames, end } = walk(taskStack(), live(fp, sp));
      assert.deepEqual([frames.length, end.rule], [1, rule]);
    }
  });

  it('stops at what is no kernel text, which it does not report', () => {
    const image = taskStack();
    image.record(low + 0x3000n, low + 0x3100n, 0x1234n);
    const { frames, end } = walk(image, live(low + 0x3000n));
    assert.deepEqual([frames.length, end.rule], [1, 'R18']);
  });

  it('ends whatever memory holds, within the stack of sp', () => {
    const word = fc.oneof(
      fc.bigInt(0n, (1n << 64n) - 1n),
      fc.bigInt(0n, size / 8n).map((n) => low + 8n * n),
      fc.bigInt(0n, 0x400n).map((n) => textStart + 0x7e00n + n),
    );
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 64 }),
        word,
        word,
        word,
        (words, fp, sp, first) => {
          let reads = 0;
          const memory = (address: bigint, length: number) => {
            reads++;
            const view = new DataView(new ArrayBuffer(length));
            for (let at = 0; at + 8 <= length; at += 8) {
              const index = Number(((address + BigInt(at)) / 8n) % BigInt(words.length));
              view.setBigUint64(at, words[index < 0 ? 0 : index]!, true);
            }
            return new Uint8Array(view.buffer);
          };
          const start = { kind: 'registers', pc: first, fp, sp, registers: new Map([[1, ra(1)]]) } as const;
          const { frames } = walk(taskStack(), start, { memory });
          assert.ok(frames.length <= 3 * Number(size / 16n) + 1 && reads <= 3 * Number(size / 16n) + 1);
        },
      ),
    );
  });

  it('says so where pt_regs cannot be read', () => {
    const image = taskStack();
    image.record(low + 0x3000n, 0n, inEntry);
    const { end } = walk(image, live(low + 0x3000n), {
      memory: (address, length) => (length === 16 ? image.memory(address, length) : undefined),
    });
    assert.equal(end.rule, 'legacy (b)');
  });
});
