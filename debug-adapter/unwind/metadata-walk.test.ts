import assert from 'node:assert/strict';
import { StackImage, layout, legacyLayout, stackframe, textStart } from './stack-image.test-support';
import { known } from './registers.test-support';
import type { WalkInput, WalkStart } from './types';
import { walkMetadata } from './metadata-walk';

const low = 0xffff_8f80_0001_0000n;
const high = low + 0x4000n;
/** s0 at the task's own FINAL record, and that record. */
const finalFp = high - 16n;
const finalRecord = finalFp - 16n;
const sppSet = 0x120n;
const pc = textStart + 0x1000n;
const ra = (n: number) => textStart + 0x2000n + BigInt(0x10 * n);

function taskStack(): StackImage {
  const image = new StackImage();
  image.add('task', low, 0x4000n);
  return image;
}

function live(fp: bigint, sp = fp - 64n): WalkStart {
  return { kind: 'registers', pc, fp, sp };
}

function walk(image: StackImage, start: WalkStart, more: Partial<WalkInput> = {}) {
  const result = walkMetadata(image.input(start, { finalRecord, ...more }));
  assert.deepEqual(image.strayReads, []);
  return result;
}

describe('walkMetadata', () => {
  describe('on a system call from user mode', () => {
    const image = taskStack();
    const ptRegs = image.ptRegs(finalFp, 1n, { [layout.epc]: 0x1077cn, [layout.status]: 0x20n });
    image.record(low + 0x3000n, low + 0x3100n, ra(1));
    image.record(low + 0x3100n, finalFp, ra(2));
    const result = walk(image, live(low + 0x3000n));

    it('reports the live pc and the caller of each frame record', () => {
      assert.deepEqual(
        result.frames.map((frame) => [frame.pc, frame.mark, frame.rule, frame.isReturnAddress]),
        [
          [pc, 'C', 'R1', false],
          [ra(1), 'C', 'R6', true],
          [ra(2), 'C', 'R6', true],
        ],
      );
    });

    it('ends at FINAL and says that the kernel was entered from user mode', () => {
      assert.deepEqual(result.end, {
        kind: 'final',
        rule: 'R7',
        reason: 'entered from user mode',
        address: finalRecord,
        ptRegs,
      });
    });

    it('is reliable', () => {
      assert.equal(result.reliable, true);
      assert.equal(
        result.verdict,
        'reliable for livepatch (R20): ended at FINAL and crossed no exception boundary',
      );
    });

    it('knows s0 of a caller and leaves its sp open', () => {
      assert.deepEqual(known(result.frames[1]!.registers), new Map([[8, low + 0x3100n]]));
      assert.deepEqual(result.frames[1]!.origin, {
        kind: 'record',
        address: low + 0x2ff0n,
        fp: low + 0x3100n,
        ra: ra(1),
      });
    });
  });

  describe('across an exception taken in the kernel', () => {
    const image = taskStack();
    image.ptRegs(finalFp, 1n, { [layout.status]: 0x20n, [layout.epc]: 0x10000n });
    const inner = low + 0x2000n;
    const address = image.ptRegs(inner, 2n, {
      [layout.epc]: ra(5),
      [layout.x[1]!]: ra(6),
      [layout.x[8]!]: low + 0x3000n,
      [layout.status]: sppSet,
      [layout.cause]: 13n,
      [layout.badaddr]: 0xdead_0000n,
    });
    image.record(low + 0x3000n, finalFp, ra(7));
    const result = walk(image, live(inner));

    it('goes on from epc and s0 of the pt_regs, marks the row P and reports ra as no frame', () => {
      assert.deepEqual(
        result.frames.map((frame) => [frame.pc, frame.mark, frame.rule]),
        [
          [pc, 'C', 'R1'],
          [ra(5), 'P', 'R8'],
          [ra(7), 'C', 'R6'],
        ],
      );
    });

    it('gives all registers and the trap of the interrupted code', () => {
      const frame = result.frames[1]!;
      assert.equal(known(frame.registers).size, 31);
      assert.equal(frame.registers.get(1), ra(6));
      assert.equal(frame.fp, low + 0x3000n);
      assert.deepEqual(frame.origin, {
        kind: 'pt_regs',
        address,
        metadata: { address: address + stackframe, type: 2n },
        cause: 13n,
        badaddr: 0xdead_0000n,
        status: sppSet,
      });
    });

    it('ends at FINAL but is not reliable', () => {
      assert.equal(result.end.kind, 'final');
      assert.equal(result.reliable, false);
      assert.match(result.verdict, /an exception boundary was crossed/);
    });
  });

  describe('from the IRQ stack to the task stack', () => {
    const image = taskStack();
    const irq = image.add('irq', 0xffff_8f80_0000_0000n, 0x4000n);
    image.metadata(finalFp, 1n);
    image.record(irq.high, low + 0x3000n, ra(1));
    image.record(low + 0x3000n, finalFp, ra(2));
    const result = walk(image, live(irq.high, irq.high - 64n));

    it('follows the record and tells each frame its stack', () => {
      assert.deepEqual(
        result.frames.map((frame) => frame.stack?.kind),
        ['irq', 'task', 'task'],
      );
      assert.equal(result.end.kind, 'final');
    });

    it('never enters the IRQ stack again (R4)', () => {
      image.record(low + 0x3000n, irq.high - 0x100n, ra(2));
      const { end } = walk(image, live(irq.high));
      assert.equal(end.rule, 'R4');
      assert.match(end.reason, /in the irq stack, .*, which the walk has left/);
    });
  });

  it('puts the function that overflowed its stack on that stack, not on the one of its pt_regs', () => {
    const image = taskStack();
    const overflow = image.add('overflow', 0xffff_ffff_8100_0000n, 0x1000n);
    const registers = { [layout.epc]: ra(1), [layout.x[2]!]: low - 48n, [layout.x[8]!]: low + 32n };
    image.ptRegs(overflow.high - 16n, 2n, registers);
    image.metadata(finalFp, 1n);
    image.record(low + 32n, finalFp, ra(2));
    const result = walk(image, live(overflow.high - 16n));
    assert.deepEqual(
      result.frames.map((frame) => frame.stack?.kind),
      ['overflow', 'task', 'task'],
    );
    assert.equal(result.end.kind, 'final');
  });

  describe('on a blocked task', () => {
    const image = taskStack();
    image.ptRegs(finalFp, 1n, { [layout.status]: sppSet });
    image.record(low + 0x3000n, finalFp, ra(1));
    const start = {
      kind: 'blocked',
      pc,
      fp: low + 0x3000n,
      sp: low + 0x2f00n,
      isReturnAddress: true,
    } as const;

    it('marks the first row T and names the saved registers', () => {
      const result = walk(image, start);
      assert.deepEqual(
        result.frames.map((frame) => frame.mark),
        ['T', 'C'],
      );
      assert.equal(result.frames[0]!.isReturnAddress, true);
      assert.deepEqual(known(result.frames[0]!.registers), new Map([[8, low + 0x3000n]]));
      assert.equal(result.end.reason, 'kernel thread, never entered from user mode');
    });
  });

  it('says that a boot record was never preceded by user mode', () => {
    const image = taskStack();
    image.metadata(finalFp, 1n);
    const { end, frames } = walk(image, live(finalFp));
    assert.equal(frames.length, 1);
    assert.equal(end.reason, 'start of the kernel, its pt_regs holds no registers');
  });

  it('shows the one pc of a hart in user mode and walks no user frames', () => {
    const result = walk(taskStack(), { kind: 'user', pc: 0x10334n, fp: 0x7fff_f000n });
    assert.deepEqual(
      result.frames.map((frame) => [frame.pc, frame.mark, frame.stack]),
      [[0x10334n, 'C', undefined]],
    );
    assert.equal(result.end.rule, 'R18');
    assert.equal(result.end.reason, 'user code at 0x10334: user frames are not walked');
    assert.equal(result.reliable, false);
  });

  describe('where a rule is broken', () => {
    const fails = (
      sentence: string,
      rule: string,
      reason: RegExp,
      prepare: (image: StackImage) => WalkStart,
      more: Partial<WalkInput> = {},
    ) => {
      it(sentence, () => {
        const image = taskStack();
        const result = walk(image, prepare(image), more);
        assert.equal(result.end.kind, 'error');
        assert.equal(result.end.rule, rule);
        assert.match(result.end.reason, reason);
        assert.equal(result.reliable, false);
        assert.ok(result.verdict.includes(rule));
      });
    };

    fails('refuses a misaligned s0 (R2)', 'R2', /not a multiple of 8/, () => live(low + 0x104n));
    fails('refuses an s0 of 0 (R3)', 'R3', /s0 is 0/, () => live(0n));
    fails('refuses a record that wraps (R3)', 'R3', /wrap around/, () => live(8n));
    fails('refuses a record in no stack (R3)', 'R3', /in no known stack/, () => live(0x1000n));
    fails('refuses a record half below a stack (R3)', 'R3', /only partly/, () => live(low + 8n));
    fails('refuses a record half above a stack (R3)', 'R3', /only partly/, () => live(high + 8n));
    fails('refuses a record that points to itself (R4)', 'R4', /has consumed/, (image) => {
      image.record(low + 0x3000n, low + 0x3000n, ra(1));
      return live(low + 0x3000n);
    });
    fails('refuses metadata whose type is beyond the stack (R3)', 'R3', /has no type/, (image) => {
      image.write(high - 16n, 0n, 0n);
      return live(high);
    });
    fails('refuses metadata of type 0 (R6)', 'R6', /has type 0/, (image) => {
      image.metadata(finalFp, 0n);
      return live(finalFp);
    });
    fails('refuses metadata of an unknown type (R6)', 'R6', /type 9223372036854775808/, (image) => {
      image.metadata(finalFp, 1n << 63n);
      return live(finalFp);
    });
    fails("refuses FINAL that is not the task's own (R7)", 'R7', /own is at/, (image) => {
      image.metadata(finalFp - 64n, 1n);
      return live(finalFp - 64n);
    });
    fails(
      'refuses FINAL of an unknown task (R7)',
      'R7',
      /not known whose task/,
      (image) => {
        image.metadata(finalFp, 1n);
        return live(finalFp);
      },
      { finalRecord: undefined },
    );
    fails('refuses a pt_regs that begins below the stack (R3)', 'R3', /no whole pt_regs/, (image) => {
      image.metadata(low + 0x100n, 2n);
      return live(low + 0x100n);
    });
    fails('refuses a pt_regs that overlaps what it has consumed (R4)', 'R4', /has consumed/, (image) => {
      image.record(low + 0x1000n, low + 0x1080n, ra(1));
      image.metadata(low + 0x1080n, 2n);
      return live(low + 0x1000n);
    });
    fails(
      'refuses a return address outside kernel text (R18)',
      'R18',
      /0x1234 .*not in kernel text/,
      (image) => {
        image.record(low + 0x1000n, low + 0x2000n, 0x1234n);
        return live(low + 0x1000n);
      },
    );
    fails('names a compact leaf frame as the likely cause (R18)', 'R18', /compact leaf frame/, (image) => {
      image.record(low + 0x1000n, 0x55n, low + 0x1080n);
      return live(low + 0x1000n);
    });
    fails(
      'refuses zero words of a kernel without metadata (R6)',
      'R6',
      /no member stackframe/,
      (image) => {
        image.metadata(finalFp, 1n);
        return live(finalFp);
      },
      { layout: legacyLayout },
    );
    const entry = ra(3);
    const unmarked = { layout: legacyLayout, isExceptionEntry: (address: bigint) => address === entry };
    fails(
      'ends where handle_exception called C code, in a kernel without metadata (R8)',
      'R8',
      /an exception enters the kernel, and no PT_REGS record leads from there/,
      (image) => {
        image.record(low + 0x1000n, low + 0x1100n, entry);
        image.record(low + 0x1100n, low + 0x1200n, ra(4));
        return live(low + 0x1000n);
      },
      unmarked,
    );
    fails(
      'ends in handle_exception once s0 is the end of pt_regs, in a kernel without metadata (R8)',
      'R8',
      /an exception enters the kernel/,
      (image) => {
        image.record(low + 0x1000n + 288n, low + 0x1200n, ra(4));
        return { kind: 'registers', pc: entry, fp: low + 0x1000n + 288n, sp: low + 0x1000n };
      },
      unmarked,
    );
    fails('refuses memory that cannot be read (R3)', 'R3', /cannot be read/, () => live(finalFp), {
      memory: () => undefined,
    });
  });

  it('follows the s0 of the interrupted code at the first instruction of handle_exception', () => {
    const image = taskStack();
    image.record(low + 0x1000n, low + 0x1080n, ra(1));
    const { frames } = walk(image, live(low + 0x1000n), {
      layout: legacyLayout,
      isExceptionEntry: (address) => address === pc,
    });
    assert.deepEqual(
      frames.map((frame) => frame.pc),
      [pc, ra(1)],
    );
  });

  it('goes on from the exception entry of a kernel with metadata, whose s0 is its own', () => {
    const image = taskStack();
    image.record(low + 0x1000n, finalFp, ra(1));
    image.metadata(finalFp, 1n);
    const { end } = walk(image, live(low + 0x1000n), { isExceptionEntry: () => true });
    assert.equal(end.kind, 'final');
  });

  it('calls a stack address past the first record no compact leaf: its function has called another', () => {
    const image = taskStack();
    image.record(low + 0x1000n, low + 0x1080n, ra(1));
    image.record(low + 0x1080n, 0x55n, low + 0x2000n);
    const { end } = walk(image, live(low + 0x1000n));
    assert.match(end.reason, /is a stack address$/);
  });

  it('shows the row of an exception taken at a wild pc, and then stops (R18)', () => {
    const image = taskStack();
    image.ptRegs(low + 0x2000n, 2n, { [layout.epc]: 0n, [layout.status]: sppSet, [layout.cause]: 12n });
    const { frames, end } = walk(image, live(low + 0x2000n));
    assert.deepEqual([frames[1]!.pc, frames[1]!.mark], [0n, 'P']);
    assert.equal(end.reason, 'pc 0x0 is not in kernel text');
  });

  it('takes {x, 0} and {0, x} for ordinary records (R6)', () => {
    const image = taskStack();
    image.record(low + 0x1000n, 0n, ra(1));
    const result = walk(image, live(low + 0x1000n));
    assert.equal(result.frames.length, 2);
    assert.equal(result.end.reason, 's0 is 0 and leads to no frame record');
    image.record(low + 0x1000n, finalFp, 0n);
    assert.equal(walk(image, live(low + 0x1000n)).end.rule, 'R18');
  });

  it("adds the caller's note to an error and is never reliable with one", () => {
    const image = taskStack();
    const note = 'no frame record exists yet';
    const failed = walk(image, live(0n), { note });
    assert.equal(failed.end.reason, `s0 is 0 and leads to no frame record (${note})`);
    image.metadata(finalFp, 1n);
    const result = walk(image, live(finalFp), { note });
    assert.equal(result.end.kind, 'final');
    assert.equal(result.verdict, `not reliable for livepatch (R20): ${note}`);
  });
});
