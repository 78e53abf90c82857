import assert from 'node:assert/strict';
import { architecture } from '../target/architecture';
import { callsBefore } from './calls-before';

const base = 0x8000_0000n;

/** The calls that end where these halfwords do. */
function before(...halfwords: number[]): ReturnType<typeof callsBefore> {
  const text = new Uint8Array(Uint16Array.from(halfwords).buffer);
  const end = base + BigInt(text.length);
  const readMemory = (address: bigint, length: number) => {
    const offset = Number(address - base);
    return offset < 0 ? new Uint8Array() : text.slice(offset, offset + length);
  };
  return callsBefore(architecture, { readMemory }, end);
}

const through = (register: number, offset = 0n) => ({ kind: 'register', register, offset });

describe('the calls right before an address', () => {
  it('are those through a register, of two bytes and of four', () => {
    assert.deepEqual(before(0x0001, 0x9782), [through(15)], 'c.jalr a5');
    assert.deepEqual(before(0x80e7, 0x0007), [through(15)], 'jalr ra,0(a5)');
    assert.deepEqual(before(0x80e7, 0xfa40), [through(1, -92n)], 'jalr ra,-92(ra)');
    assert.deepEqual(before(0x00e7, 0x0000), [through(0)], 'jalr ra,0(zero)');
  });

  it('are those that say themselves where they go', () => {
    assert.deepEqual(before(0x00ef, 0x0080), [{ kind: 'direct', target: base + 8n }]);
  });

  it('are none where the instruction keeps no return address, or not in ra', () => {
    assert.deepEqual(before(0x0001, 0x8782), [], 'jr a5');
    assert.deepEqual(before(0x0001, 0x8082), [], 'ret');
    assert.deepEqual(before(0x006f, 0x0080), [], 'j');
    assert.deepEqual(before(0x02ef, 0x0080), [], 'jal t0');
    assert.deepEqual(before(0x82e7, 0x0007), [], 'jalr t0,a5');
    assert.deepEqual(before(0x82e7, 0x0047), [], 'jalr t0,4(a5)');
    assert.deepEqual(before(0x0001, 0x9002), [], 'ebreak');
    assert.deepEqual(before(0x0001, 0x0001), []);
  });

  it('are two where an instruction of four bytes ends as one of two', () => {
    // jalr ra,-1744(tp), and its upper half is c.jalr t1.
    assert.deepEqual(before(0x00e7, 0x9302), [through(6), through(4, -1744n)]);
  });

  it('are none where there is no memory, no instruction, or half of one', () => {
    assert.deepEqual(before(), []);
    assert.deepEqual(before(0x0000, 0x0000), []);
    const readMemory = () => Uint8Array.of(0x82, 0x97);
    assert.deepEqual(callsBefore(architecture, { readMemory }, base + 1n), []);
    assert.deepEqual(callsBefore(architecture, { readMemory }, 0n), [through(15)]);
  });
});
