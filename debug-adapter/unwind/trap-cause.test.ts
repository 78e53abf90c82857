import assert from 'node:assert/strict';
import { causeName, hasFaultAddress, isInterrupt } from './trap-cause';

const interrupt = 1n << 63n;

describe('causeName', () => {
  it('names exceptions and interrupts apart by bit 63', () => {
    assert.equal(causeName(13n), 'load page fault');
    assert.equal(causeName(8n), 'environment call from U-mode');
    assert.equal(causeName(interrupt | 5n), 'supervisor timer interrupt');
    assert.equal(causeName(5n), 'load access fault');
  });

  it('gives the number of a cause that the manual leaves reserved', () => {
    assert.equal(causeName(14n), 'exception 14');
    assert.equal(causeName(interrupt | 4n), 'interrupt 4');
    assert.equal(causeName(interrupt - 1n), 'exception 9223372036854775807');
  });
});

describe('isInterrupt and hasFaultAddress', () => {
  it('tell a page fault with an address from a timer interrupt and an illegal instruction', () => {
    assert.deepEqual([isInterrupt(13n), hasFaultAddress(13n)], [false, true]);
    assert.deepEqual([isInterrupt(interrupt | 5n), hasFaultAddress(interrupt | 5n)], [true, false]);
    assert.equal(hasFaultAddress(2n), false);
  });
});
