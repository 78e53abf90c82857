import assert from 'node:assert/strict';
import { u64 } from './call-frame-bytes.test-support';
import { evaluateExpression } from './location-expression';

const memory = (address: bigint, length: number) => {
  if (address < 0x1000n || address + BigInt(length) > 0x1010n) return undefined;
  return Uint8Array.from({ length }, (_, index) => Number(address - 0x1000n) + index + 1);
};
const context = { registers: new Map([[2, 0x1000n]]), memory };
const evaluate = (...bytes: number[]) => evaluateExpression(Uint8Array.from(bytes), [5n, 7n], context);
const minus = (value: bigint) => BigInt.asUintN(64, -value);

describe('a DWARF expression of call frames', () => {
  it('computes as the standard says', () => {
    const cases: readonly (readonly [string, bigint | undefined, ...number[]])[] = [
      ['nothing', 7n],
      ['lit31', 31n, 0x4f],
      ['addr', 0x1234n, 0x03, ...u64(0x1234n)],
      ['const1u', 0xfen, 0x08, 0xfe],
      ['const1s', minus(2n), 0x09, 0xfe],
      ['const2u', 0xfffen, 0x0a, 0xfe, 0xff],
      ['const2s', minus(2n), 0x0b, 0xfe, 0xff],
      ['const4u', 0xffff_fffen, 0x0c, 0xfe, 0xff, 0xff, 0xff],
      ['const4s', minus(2n), 0x0d, 0xfe, 0xff, 0xff, 0xff],
      ['const8s', minus(2n), 0x0f, ...u64(minus(2n))],
      ['constu', 128n, 0x10, 0x80, 0x01],
      ['consts', minus(1n), 0x11, 0x7f],
      ['dup, mul', 49n, 0x12, 0x1e],
      ['drop', 5n, 0x13],
      ['over', 5n, 0x14],
      ['pick', 5n, 0x15, 1],
      ['swap, minus', 2n, 0x16, 0x1c],
      ['minus', minus(2n), 0x1c],
      ['rot', 7n, 0x33, 0x17],
      ['rot, second', 5n, 0x33, 0x17, 0x13],
      ['abs', 2n, 0x1c, 0x19],
      ['neg', minus(7n), 0x1f],
      ['not', minus(8n), 0x20],
      ['and', 5n, 0x1a],
      ['or', 7n, 0x21],
      ['xor', 2n, 0x27],
      ['plus', 12n, 0x22],
      ['plus_uconst', 135n, 0x23, 0x80, 0x01],
      ['div of a negative number', minus(2n), 0x09, 0xfc, 0x32, 0x1b],
      ['mod', 5n, 0x1d],
      ['shl', 640n, 0x24],
      ['shl by 64', 0n, 0x08, 64, 0x24],
      ['shr', 0n, 0x25],
      ['shra of a negative number', minus(1n), 0x09, 0xfc, 0x08, 99, 0x26],
      ['lt', 1n, 0x2d],
      ['gt', 0n, 0x2b],
      ['le of signed values', 1n, 0x09, 0xff, 0x30, 0x2c],
      ['ge', 0n, 0x2a],
      ['eq', 0n, 0x29],
      ['ne', 1n, 0x2e],
      ['breg2', 0xff8n, 0x72, 0x78],
      ['breg0', 4n, 0x70, 4],
      ['bregx', 0x1001n, 0x92, 2, 1],
      ['deref', 0x0807_0605_0403_0201n, 0x72, 0, 0x06],
      ['deref_size', 0x0403n, 0x72, 2, 0x94, 2],
      ['skip over a bad operation', 7n, 0x2f, 1, 0, 0xff],
      ['bra that is not taken', 9n, 0x30, 0x28, 1, 0, 0x39],
      ['bra that is taken', 7n, 0x31, 0x28, 1, 0, 0x39],
      ['nop', 7n, 0x96],
    ];
    for (const [name, expected, ...bytes] of cases) assert.equal(evaluate(...bytes), expected, name);
  });

  it('has no value where something is missing or wrong', () => {
    const cases: readonly (readonly [string, ...number[]])[] = [
      ['an unknown register', 0x73, 0],
      ['memory that cannot be read', 0x30, 0x06],
      ['a size that is none', 0x72, 0, 0x94, 3],
      ['an empty stack', 0x13, 0x13],
      ['one operand too few', 0x13, 0x22],
      ['pick too deep', 0x15, 2],
      ['rot of two', 0x17],
      ['division by zero', 0x30, 0x1b],
      ['modulo zero', 0x30, 0x1d],
      ['an unknown operation', 0xff],
      ['call_frame_cfa, which would be its own value', 0x9c],
      ['an operand beyond the end', 0x0c, 1],
      ['a jump beyond the end', 0x2f, 9, 0],
      ['a jump before the beginning', 0x2f, 0xf0, 0xff],
    ];
    for (const [name, ...bytes] of cases) assert.equal(evaluate(...bytes), undefined, name);
  });

  it('ends in a loop and with a stack that grows', () => {
    assert.equal(evaluate(0x2f, 0xfd, 0xff), undefined);
    assert.equal(evaluate(0x12, 0x2f, 0xfc, 0xff), undefined);
    assert.equal(evaluate(...Array<number>(100).fill(0x12)), undefined);
  });
});
