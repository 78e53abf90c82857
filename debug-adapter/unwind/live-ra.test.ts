import assert from 'node:assert/strict';
import { walkMetadata } from './metadata-walk';
import { layout, StackImage, textStart } from './stack-image.test-support';
import type { CfiCaller, CfiRefusal, KnownRegisters, StepByCfi, WalkInput, WalkStart } from './types';

const low = 0xffff_8f80_0001_0000n;
const high = low + 0x4000n;
const finalFp = high - 16n;
const finalRecord = finalFp - 16n;
const kernelStatus = 0x120n;
const pc = textStart + 0x1000n;
const ra = (n: number) => textStart + 0x2000n + BigInt(0x10 * n);

/** A function at ra(5) that was interrupted while its caller, ra(1), was in ra and s0 was its caller's. */
function interrupted(): { image: StackImage; start: WalkStart } {
  const image = new StackImage();
  image.add('task', low, 0x4000n);
  image.metadata(finalFp, 1n);
  image.ptRegs(low + 0x2000n, 2n, {
    [layout.epc]: ra(5),
    [layout.status]: kernelStatus,
    [layout.x[1]!]: ra(1),
    [layout.x[2]!]: low + 0x2200n,
    [layout.x[8]!]: low + 0x3000n,
  });
  image.record(low + 0x3000n, finalFp, ra(2));
  return { image, start: { kind: 'registers', pc, fp: low + 0x2000n, sp: low + 0x1f00n } };
}

/** A function that runs where s0 leads to ra(2), and ra is ra(1). */
function running(): { image: StackImage; start: WalkStart } {
  const { image } = interrupted();
  const [sp, fp] = [low + 0x2f00n, low + 0x3000n];
  const registers = new Map([
    [1, ra(1)],
    [2, sp],
    [8, fp],
  ]);
  return { image, start: { kind: 'registers', pc, fp, sp, registers } };
}

const liveRa = (registers: KnownRegisters): CfiCaller => ({
  kind: 'caller',
  cfa: registers.get(2)!,
  pc: registers.get(1)!,
  pcAt: undefined,
  registers: new Map([
    [2, registers.get(2)!],
    [8, registers.get(8)!],
  ]),
});

function walk(image: StackImage, start: WalkStart, stepByCfi?: StepByCfi, more: Partial<WalkInput> = {}) {
  const result = walkMetadata(image.input(start, { finalRecord, ...more, ...(stepByCfi && { stepByCfi }) }));
  assert.deepEqual(image.strayReads, []);
  return result;
}

const rows = ({ frames }: ReturnType<typeof walk>) =>
  frames.map((frame) => [frame.pc, frame.mark, frame.rule]);

describe('R11 in the metadata walk', () => {
  it('shows the caller that is in ra still, marked (L), where frame pointers skip it', () => {
    const { image, start } = interrupted();
    const strict = walk(image, start);
    assert.deepEqual(rows(strict).slice(1), [
      [ra(5), 'P', 'R8'],
      [ra(2), 'C', 'R6'],
    ]);
    const asked: bigint[] = [];
    const shown = walk(image, start, (at, isReturnAddress, registers) => {
      assert.equal(isReturnAddress, false);
      asked.push(at);
      return liveRa(registers);
    });
    assert.deepEqual(rows(shown).slice(1), [
      [ra(5), 'P', 'R8'],
      [ra(1), 'L', 'R11'],
      [ra(2), 'C', 'R6'],
    ]);
    assert.deepEqual(asked, [ra(5)], 'it is a single step out of a (P) row');
    assert.equal(shown.end.kind, 'final');
    assert.equal(shown.verdict, strict.verdict, 'the verdict is that of the kernel');
  });

  it('takes ra from where it was saved, if s0 has not moved yet', () => {
    const { image, start } = interrupted();
    image.write(low + 0x21f8n, ra(1));
    const shown = walk(image, start, (_, __, registers) => ({ ...liveRa(registers), pcAt: low + 0x21f8n }));
    assert.deepEqual(rows(shown)[2], [ra(1), 'C', 'R11']);
    assert.deepEqual(shown.frames[2]!.origin, { kind: 'slot', address: low + 0x21f8n });
  });

  it('changes nothing where the frame record has the caller, and says that both agree', () => {
    const { image, start } = interrupted();
    const strict = walk(image, start);
    const shown = walk(image, start, (_, __, registers) => ({ ...liveRa(registers), pcAt: low + 0x2ff8n }));
    assert.deepEqual(rows(shown), rows(strict));
    assert.match(shown.frames[2]!.reason, /call frame information agrees \(R11\)/);
  });

  it('says so where no call frame information covers the pc', () => {
    const { image, start } = interrupted();
    const refusal: CfiRefusal = { kind: 'uncovered', reason: 'no call frame information covers it' };
    const shown = walk(image, start, () => refusal);
    assert.deepEqual(rows(shown), rows(walk(image, start)));
    assert.match(shown.frames[2]!.reason, /not known \(R11\): no call frame information covers it/);
  });

  it('repairs a live row, too: at the first instruction of a function', () => {
    const { image, start } = running();
    const shown = walk(image, start, (_, __, known) => liveRa(known));
    assert.deepEqual(rows(shown), [
      [pc, 'C', 'R1'],
      [ra(1), 'L', 'R11'],
      [ra(2), 'C', 'R6'],
    ]);
  });

  it('calls a walk reliable if call frame information confirms that s0 leads to the caller of a live pc', () => {
    const { image, start } = running();
    const shown = walk(image, start, (_, __, known) => ({ ...liveRa(known), pcAt: low + 0x2ff8n }));
    assert.equal(shown.reliable, true);
  });

  it('does not where the caller is in ra, which frame pointers miss, or where that leads nowhere', () => {
    const { image, start } = running();
    assert.equal(walk(image, start).reliable, true, 'by the rules of the kernel it is');
    const shown = walk(image, start, (_, __, known) => liveRa(known));
    assert.deepEqual([shown.end.kind, shown.reliable], ['final', false]);
    assert.match(shown.verdict, /the caller of the live pc is missing \(R11\)/);
    const wild = walk(image, start, (_, __, known) => ({ ...liveRa(known), pc: 0x1234n }));
    assert.deepEqual([wild.end.rule, wild.reliable], ['R18', false]);
    assert.match(wild.verdict, /ends at R18/);
  });

  it('does not where nothing says whether ra is live, but in the code that takes exceptions, of which a note tells, and where a task begins', () => {
    const refusal: CfiRefusal = { kind: 'uncovered', reason: 'no call frame information covers it' };
    const { image, start } = running();
    const shown = walk(image, start, () => refusal);
    assert.deepEqual([shown.end.kind, shown.reliable], ['final', false]);
    assert.match(shown.verdict, /not known \(R11\): no call frame information covers it/);
    assert.equal(walk(image, start, () => refusal, { isExceptionCode: (at) => at === pc }).reliable, true);
    const registers = new Map([[1, pc]]);
    const first = { kind: 'registers', pc, fp: finalFp, sp: finalRecord - 288n, registers } as const;
    assert.equal(walk(image, first, () => refusal).reliable, true);
    const returning = { ...first, registers: new Map([[1, ra(1)]]) };
    assert.equal(walk(image, returning, () => refusal).reliable, false);
  });

  it('goes on behind a compact leaf, and says what the kernel would make of it', () => {
    const { image, start } = interrupted();
    image.write(low + 0x2ff0n, 0x1234n, low + 0x3100n);
    image.record(low + 0x3100n, finalFp, ra(3));
    const shown = walk(image, start, (_, __, known) => ({
      ...liveRa(known),
      registers: new Map([[8, low + 0x3100n]]),
    }));
    assert.deepEqual(rows(shown).slice(1), [
      [ra(5), 'P', 'R8'],
      [ra(1), 'L', 'R11'],
      [ra(3), 'C', 'R6'],
    ]);
    assert.equal(shown.end.kind, 'final');
    assert.equal(shown.reliable, false);
    assert.match(shown.verdict, /by frame pointers alone the walk ends at R18/);
  });

  it('ends where a live ra is no kernel text, and where a saved one is in no stack', () => {
    const { image, start } = interrupted();
    const wild = walk(image, start, (_, __, known) => ({ ...liveRa(known), pc: 0x1234n }));
    assert.deepEqual([wild.end.rule, wild.frames.length], ['R18', 2]);
    const outside = walk(image, start, (_, __, known) => ({ ...liveRa(known), pcAt: high + 8n }));
    assert.deepEqual([outside.end.rule, outside.frames.length], ['R3', 2]);
  });
});
