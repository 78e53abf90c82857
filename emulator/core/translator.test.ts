import assert from 'node:assert/strict';
import { assemble } from '../isa/assemble';
import { Core } from './core';
import { RAM_BASE } from './guest-memory';
import { TestHart } from './test-hart.test-support';

const RAM = 1 << 20;
const PAGE_SIZE = 4096;
const translating = (stepsPerInstruction: number, ram = RAM) =>
  new TestHart({}, new Core(ram, undefined, stepsPerInstruction));
const eager = () => translating(0);
const statistics = ({ core }: TestHart) => core.translator!.statistics;

const loop = `
  next:
  addi a0,a0,1
  andi a1,a0,7
  bnez a1,next
  addi a2,a2,1
  j next`;

const ROUNDS = 4;
/** More than code that is still code is stored to. */
const MANY_STORES = 40;

/** Code that fills a page with additions to a0, does them in some rounds, and goes on to `target`. */
function pageOfAdditions(target: number, at: number): Uint8Array {
  const words = new Uint32Array(PAGE_SIZE / 4).fill(assemble('addi a0,a0,1')!);
  const last = words.length - 1;
  const to = (address: number): string => `0x${address.toString(16)}`;
  words[0] = assemble(`li a1,${ROUNDS}`)!;
  words[last - 2] = assemble('addi a1,a1,-1')!;
  words[last - 1] = assemble(`bnez a1,${to(at + 4)}`, BigInt(at + (last - 1) * 4))!;
  words[last] = assemble(`j ${to(target)}`, BigInt(at + last * 4))!;
  return new Uint8Array(words.buffer);
}

describe('translator', function () {
  this.timeout(60_000);

  it('runs hot code translated, and a loop of one instruction too', () => {
    for (const source of [loop, 'stay:\nj stay', 'jal a0,0x80000000']) {
      const test = eager();
      test.load(source);
      for (let run = 0; run < 20; run++) test.step(101);
      assert.equal(test.hart.instret, 2020);
      assert.ok(statistics(test).inRegions > 10);
    }
  });

  it('does not take code for hot because other code was that its decoded page stood for before', () => {
    const stepsPerInstruction = 1000;
    const test = translating(stepsPerInstruction);
    const [first, storing, second] = [RAM_BASE, RAM_BASE + PAGE_SIZE, RAM_BASE + 2 * PAGE_SIZE];
    for (const at of [first, second]) test.load('stay:\nj stay', at);
    const stores = Array<string>(MANY_STORES).fill('sw zero,1024(a0)');
    test.load([...stores, `j 0x${second.toString(16)}`].join('\n'), storing);

    const most = 40 * stepsPerInstruction;
    test.hart.pc = BigInt(first);
    test.step(most);
    test.hart.setX(10, BigInt(first));
    test.hart.pc = BigInt(storing);
    test.step(most);
    assert.equal(test.hart.pc, BigInt(second));
    assert.equal(statistics(test).translated, 0);
    test.step(most);
    assert.equal(statistics(test).translated, 1);
  });

  it('keeps a region that ends right before a breakpoint when its page is armed again', () => {
    const test = eager();
    test.load(loop);
    const start = test.hart.pc;
    // c.addi a0,1; c.j to it; c.nop, which is never executed.
    test.core.memory.write(Number(start), new Uint8Array(Uint16Array.of(0x0505, 0xbffd, 0x0001).buffer));
    const run = () => test.step(1000);
    run();
    const breakpoint = [start + 4n];
    test.core.setBreakpoints(breakpoint);
    run();
    const { translated, kept } = statistics(test);
    assert.equal(kept, 1);
    test.core.setBreakpoints(breakpoint);
    run();
    assert.deepEqual([statistics(test).translated, statistics(test).kept], [translated, kept]);
  });

  it('leaves code to the interpreter where no module can be compiled', () => {
    const plain = new TestHart();
    const test = eager();
    for (const { core } of [plain, test]) core.memory.write(RAM_BASE, pageOfAdditions(RAM_BASE, RAM_BASE));
    const { Module } = WebAssembly;
    let asked = 0;
    const refuse = function (): never {
      asked++;
      throw new RangeError('no room');
    };
    Object.assign(WebAssembly, { Module: refuse });
    try {
      for (let run = 0; run < 50; run++) test.step(997);
    } finally {
      Object.assign(WebAssembly, { Module });
    }
    plain.step(50 * 997);
    assert.deepEqual(test.hart.stateForDigest(), plain.hart.stateForDigest());
    assert.ok(asked > 0);
    assert.ok(asked < 10, 'it gives up');
    assert.equal(statistics(test).kept, 0);
  });

  it('translates code up to the last halfword of RAM', () => {
    const test = eager();
    const end = RAM_BASE + RAM;
    // addi a0,a0,1; c.j back to it
    test.core.memory.write(end - 4, Uint8Array.of(0x05, 0x05, 0xfd, 0xbf));
    test.hart.pc = BigInt(end - 4);
    for (let run = 0; run < 10; run++) test.step(100);
    assert.equal(test.hart.getX(10), 500n);
    assert.ok(statistics(test).inRegions > 5);
  });

  it('drops what was not used for longest when there is much', () => {
    const pages = 310;
    const test = translating(1, (pages + 1) * PAGE_SIZE);
    const pageAt = (index: number) => RAM_BASE + index * PAGE_SIZE;
    for (let page = 0; page < pages; page++) {
      // Even pages on the way up, odd ones on the way down: no jump is far.
      const target = page % 2 === 1 ? Math.max(page - 2, 0) : page + 2 < pages ? page + 2 : pages - 1;
      test.core.memory.write(pageAt(page), pageOfAdditions(pageAt(target), pageAt(page)));
    }
    const additions = PAGE_SIZE / 4 - 4;
    test.step(pages * (ROUNDS * (additions + 2) + 2));
    assert.equal(test.hart.getX(10), BigInt(pages * ROUNDS * additions));
    const { translated, kept } = statistics(test);
    assert.ok(translated >= pages, `${translated} translated`);
    assert.ok(kept < pages, `${kept} kept`);
  });
});
