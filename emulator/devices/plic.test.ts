import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Plic } from './plic';

const PRIORITY = (source: number) => source * 4;
const PENDING = (word: number) => 0x1000 + word * 4;
const ENABLE = (context: number, word = 0) => 0x2000 + context * 0x80 + word * 4;
const THRESHOLD = (context: number) => 0x20_0000 + context * 0x1000;
const CLAIM = (context: number) => THRESHOLD(context) + 4;

class Bench {
  readonly lines: boolean[] = [false, false, false, false];
  readonly plic = new Plic(2, (context, level) => (this.lines[context] = level));

  read(offset: number): number {
    return Number(this.plic.read(0, offset));
  }

  write(offset: number, value: number): void {
    this.plic.write(0, offset, 4, BigInt(value >>> 0));
  }

  /** Source with priority 1 on the S-mode context of hart 0. */
  enable(...sources: number[]): void {
    for (const source of sources) {
      this.write(PRIORITY(source), 1);
      const word = ENABLE(1, source >> 5);
      this.write(word, this.read(word) | (1 << (source & 31)));
    }
  }
}

describe('PLIC', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });

  it('drives the line of a context that enables a pending source, and no other', () => {
    bench.enable(10);
    bench.plic.setSource(10, true);
    assert.deepEqual(bench.lines, [false, true, false, false]);
    assert.equal(bench.read(PENDING(0)), 1 << 10);
  });

  it('lets a claim take the request and a completion pass the next one on while the source is high', () => {
    bench.enable(10);
    bench.plic.setSource(10, true);
    assert.equal(bench.read(CLAIM(1)), 10);
    assert.equal(bench.lines[1], false);
    assert.equal(bench.read(CLAIM(1)), 0);
    bench.write(CLAIM(1), 10);
    assert.equal(bench.lines[1], true);
    assert.equal(bench.read(CLAIM(1)), 10);
    bench.plic.setSource(10, false);
    bench.write(CLAIM(1), 10);
    assert.equal(bench.lines[1], false);
  });

  it('keeps a request pending when the source goes low before the claim', () => {
    bench.enable(10);
    bench.plic.setSource(10, true);
    bench.plic.setSource(10, false);
    assert.equal(bench.read(CLAIM(1)), 10);
  });

  it('gives the highest priority first and the lowest number among equals', () => {
    bench.enable(3, 40, 41, 96);
    bench.write(PRIORITY(41), 7);
    for (const source of [96, 41, 3, 40]) bench.plic.setSource(source, true);
    assert.deepEqual(
      [1, 2, 3, 4, 5].map(() => bench.read(CLAIM(1))),
      [41, 3, 40, 96, 0],
    );
  });

  it('holds the line back at and below the threshold, but not the claim', () => {
    bench.enable(10);
    bench.write(THRESHOLD(1), 1);
    bench.plic.setSource(10, true);
    assert.equal(bench.lines[1], false);
    bench.write(PRIORITY(10), 2);
    assert.equal(bench.lines[1], true);
    bench.write(THRESHOLD(1), 7);
    assert.equal(bench.read(CLAIM(1)), 10);
  });

  it('never interrupts with priority 0', () => {
    bench.enable(10);
    bench.write(PRIORITY(10), 0);
    bench.plic.setSource(10, true);
    assert.equal(bench.lines[1], false);
    assert.equal(bench.read(CLAIM(1)), 0);
  });

  it('ignores the completion of a source that the context does not enable', () => {
    bench.enable(10);
    bench.plic.setSource(10, true);
    bench.read(CLAIM(1));
    bench.write(CLAIM(0), 10);
    assert.equal(bench.lines[1], false);
  });

  it('has no source 0, none above 96, no context beyond the harts, and three bits of priority', () => {
    bench.write(ENABLE(1), 0xffff_ffff);
    bench.write(ENABLE(1, 3), 0xffff_ffff);
    bench.write(ENABLE(1, 4), 0xffff_ffff);
    assert.equal(bench.read(ENABLE(1)), 0xffff_fffe);
    assert.equal(bench.read(ENABLE(1, 3)), 1);
    assert.equal(bench.read(ENABLE(1, 4)), 0);
    bench.write(PRIORITY(0), 1);
    bench.write(PRIORITY(96), 0xff);
    bench.write(PRIORITY(97), 1);
    assert.deepEqual(
      [0, 96, 97].map((source) => bench.read(PRIORITY(source))),
      [0, 7, 0],
    );
    bench.write(ENABLE(4), 2);
    assert.equal(bench.read(ENABLE(4)), 0);
    assert.equal(bench.read(CLAIM(4)), 0);
    bench.write(PENDING(0), 2);
    assert.equal(bench.read(PENDING(0)), 0);
  });

  it('has two contexts for each of 8 harts', () => {
    const lines: number[] = [];
    const plic = new Plic(8, (context, level) => level && lines.push(context));
    plic.write(0, PRIORITY(96), 4, 1n);
    plic.write(0, ENABLE(15, 3), 4, 1n);
    plic.setSource(96, true);
    assert.deepEqual(lines, [15]);
    assert.equal(plic.read(7, CLAIM(14)), 0n);
    assert.equal(plic.read(7, CLAIM(15)), 96n);
  });

  it('survives any sequence of accesses with claims that are enabled sources', () => {
    const access = fc.record({
      offset: fc.oneof(fc.nat(0x5f_ffff), fc.constantFrom(PRIORITY(5), ENABLE(1), THRESHOLD(1), CLAIM(1))),
      value: fc.nat(0xffff_ffff),
      source: fc.integer({ min: 1, max: 96 }),
      level: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(access, { maxLength: 50 }), (accesses) => {
        const { plic, lines } = new Bench();
        for (const { offset, value, source, level } of accesses) {
          plic.setSource(source, level);
          plic.write(0, offset & ~3, 4, BigInt(value));
          plic.read(0, offset & ~3);
        }
        lines.forEach((line, context) => {
          if (line) assert.notEqual(plic.read(0, CLAIM(context)), 0n);
        });
      }),
    );
  });
});
