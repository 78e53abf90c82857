import assert from 'node:assert/strict';
import { parseMemorySize } from './memory-size';
import { didYouMean } from './nearest';
import { describeTrap } from './traps';

describe('a trap in words', () => {
  const interrupt = 1n << 63n;

  it('has the address of a fault', () => {
    assert.equal(describeTrap(13n, 0x1000n), 'exception: load page fault at 0x1000');
  });

  it('has the bits of an illegal instruction, where the machine gives them', () => {
    assert.equal(describeTrap(2n, 0x1234n), 'exception: illegal instruction 0x1234');
    assert.equal(describeTrap(2n, 0n), 'exception: illegal instruction');
  });

  it('has no value that means nothing', () => {
    assert.equal(describeTrap(8n, 0n), 'exception: environment call from U-mode');
    assert.equal(describeTrap(interrupt | 5n, 77n), 'interrupt: supervisor timer');
  });
});

describe('a memory size', () => {
  it('is a number of bytes or one with a unit', () => {
    assert.equal(parseMemorySize('256M'), 2 ** 28);
    assert.equal(parseMemorySize('1g'), 2 ** 30);
    assert.equal(parseMemorySize('64 MiB'), 2 ** 26);
    assert.equal(parseMemorySize('131072K'), 2 ** 27);
    assert.equal(parseMemorySize('4096'), 4096);
    assert.equal(parseMemorySize(4096), 4096);
  });

  it('is nothing else', () => {
    for (const size of ['', '0', '-1', '1.5G', '1T', 'M', '1 000', 0, -1, 1.5, NaN]) {
      assert.equal(parseMemorySize(size), undefined, String(size));
    }
  });
});

describe('a hint on a mistyped name', () => {
  const names = ['handle_exception', 'handle_irq', 'do_irq'];

  it('names the nearest one', () => {
    assert.equal(didYouMean('handle_exeption', names), " Did you mean 'handle_exception'?");
    assert.equal(didYouMean('do_irk', names), " Did you mean 'do_irq'?");
  });

  it('takes what begins alike for an unfinished name', () => {
    assert.equal(didYouMean('handle_ex', names), " Did you mean 'handle_exception'?");
  });

  it('is silent where nothing is near', () => {
    assert.equal(didYouMean('schedule', names), '');
  });
});
