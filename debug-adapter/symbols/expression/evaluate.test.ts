import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ExpressionFailure } from './evaluate';
import { evaluateText, fakeMachine, fakeNames } from './fake-program.test-support';
import { plain } from './types';

const REGISTERS: Readonly<Record<string, bigint>> = {
  sp: 0x1000n,
  a0: 2n ** 64n - 1n,
  sstatus: 0x120n,
  shared: 5n,
};
const SYMBOLS: Readonly<Record<string, bigint>> = {
  handle_exception: 0xffff_ffff_8000_1000n,
  '.Lsecondary_park': 0xffff_ffff_8000_00f8n,
  shared: 0x42n,
};
/** Bytes 0x1000…0x10ff hold 0x00…0xff. */
const machine = fakeMachine(
  0x1000n,
  Uint8Array.from({ length: 0x100 }, (_, i) => i),
);
const names = fakeNames({ registers: REGISTERS, symbols: SYMBOLS });
const evaluate = (text: string) => evaluateText(text, names, machine);

function valueOf(text: string): bigint {
  const result = evaluate(text);
  assert.ok(result.ok, `${text}: ${result.ok || result.message}`);
  assert.equal(typeof result.scalar, 'bigint');
  return result.scalar as bigint;
}

function errorOf(text: string): ExpressionFailure {
  const result = evaluate(text);
  assert.ok(!result.ok, `${text} has a value`);
  return result;
}

describe('an expression', () => {
  const values: [string, bigint][] = [
    ['42', 42n],
    ['0x2A + 0b101 + 010', 42n + 5n + 8n],
    ["'A' + '\\n' + '\\x20'", 65n + 10n + 32n],
    ['0xffff_ffff', 0xffff_ffffn],
    ['sp', 0x1000n],
    ['$sp + 8', 0x1008n],
    ['sstatus & 0x100', 0x100n],
    ['handle_exception+0x10', 0xffff_ffff_8000_1010n],
    ['.Lsecondary_park', 0xffff_ffff_8000_00f8n],
    ['shared', 5n],
    ['$shared', 5n],
    ['1 + 2 * 3 - 4 / 2', 5n],
    ['(1 + 2) * 3', 9n],
    ['1 << 4 | 3', 19n],
    ['2 < 3 == 1', 1n],
    ['-7 / 2', -3n],
    ['-7 % 2', -1n],
    ['-1 >> 63', -1n],
    ['a0 >> 63', 1n],
    ['-1 < 0', 1n],
    // Registers are unsigned, and C converts the other operand.
    ['a0 > -2', 1n],
    ['(long)a0 < 0', 1n],
    ['~0', -1n],
    ['~0u', 2n ** 64n - 1n],
    ['!sp', 0n],
    ['0 && 1 / 0', 0n],
    ['1 || 1 / 0', 1n],
    ['sp ? 1 : 1 / 0', 1n],
    ['*sp', 0x0706050403020100n],
    ['*(u32*)sp', 0x03020100n],
    ['*(u32 *)(sp + 4)', 0x07060504n],
    ['*((u32 *)sp + 1)', 0x07060504n],
    ['((unsigned short *)sp)[2]', 0x0504n],
    ['u8[sp + 0xff]', 0xffn],
    ['s8[sp + 0xff]', -1n],
    ['(char)-1', 255n],
    ['(u32)a0', 0xffff_ffffn],
    ['(int)a0', -1n],
    ['&u8[sp + 3]', 0x1003n],
    ['&handle_exception', 0xffff_ffff_8000_1000n],
    ['(u64*)0x1010 - (u64*)0x1000', 2n],
    ['unsigned long[sp] == *sp', 1n],
  ];
  for (const [text, value] of values)
    it(`gives ${value} for ${text}`, () => assert.equal(valueOf(text), value));

  const errors: [string, number, RegExp][] = [
    ['', 0, /missing at the end/],
    ['1 +', 3, /missing at the end/],
    ['1 + nosuch', 4, /"nosuch" is neither a register nor a symbol/],
    ['$handle_exception', 0, /no register "handle_exception"/],
    ['(1 + 2', 6, /"\)" is missing: "\(" was opened/],
    ['u8[sp', 5, /"\]" is missing/],
    ['1 2', 2, /"2" is not expected here/],
    ['* / 2', 2, /value is expected before "\/"/],
    ['12ab', 0, /"12ab" is not a number/],
    ['0x1ffffffffffffffff', 0, /more than 64 bits/],
    ['sp = 4', 3, /do not assign/],
    ['sp @ 4', 3, /"@" has no meaning here/],
    ['4 / (1 - 1)', 2, /Division by zero/],
    ['1 + *0x10', 4, /Memory at 0x10 cannot be read/],
    ['u32', 0, /A type alone/],
    ['&5', 0, /Only memory and symbols/],
    ['('.repeat(5000), 4096, /too long/],
    ['('.repeat(2000), 0, /nested too deep/],
    ['-'.repeat(2000), 0, /nested too deep/],
  ];
  for (const [text, position, message] of errors) {
    it(`says what is wrong with ${text.slice(0, 20) || 'nothing'}`, () => {
      const error = errorOf(text);
      assert.match(error.message, message);
      if (!error.message.includes('deep')) assert.equal(error.position, position);
    });
  }

  it('says what an expression names, so that it can be set', () => {
    const partsOf = (text: string) => {
      const result = evaluate(text);
      return result.ok ? result : assert.fail(result.message);
    };
    assert.deepEqual(partsOf('$sp').named, { kind: 'register', name: 'sp' });
    assert.equal(partsOf('$sp').place?.kind, 'register');
    assert.deepEqual(partsOf('handle_exception').named, { kind: 'symbol', name: 'handle_exception' });
    const { place, type } = partsOf('u16[sp+2]');
    assert.deepEqual(place, { kind: 'memory', address: 0x1002n });
    const { size, signed } = plain(type) as { size?: number; signed?: boolean };
    assert.deepEqual({ size, signed }, { size: 2, signed: false });
    assert.equal(partsOf('sp + 0').place, undefined);
    assert.equal(partsOf('sp + 0').named, undefined);
  });

  it('computes on 64 bits as hardware does', () => {
    const word = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const operators: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
      '+': (a, b) => a + b,
      '-': (a, b) => a - b,
      '*': (a, b) => a * b,
      '&': (a, b) => a & b,
      '|': (a, b) => a | b,
      '^': (a, b) => a ^ b,
    };
    fc.assert(
      fc.property(word, word, fc.constantFrom(...Object.keys(operators)), (a, b, operator) => {
        const parts = { a: BigInt.asUintN(64, a), b: BigInt.asUintN(64, b) };
        const result = evaluateText(`a ${operator} b`, fakeNames({ registers: parts }), machine);
        assert.ok(result.ok);
        assert.equal(result.scalar, BigInt.asUintN(64, operators[operator]!(a, b)));
      }),
    );
  });

  it('answers whatever is typed', () => {
    const pieces = fc.array(
      fc.oneof(
        fc.constantFrom(
          '(',
          ')',
          '[',
          ']',
          '*',
          '-',
          '&',
          '<',
          '==',
          '?',
          ':',
          '$',
          'sp',
          'u8',
          'long ',
          '1',
          ' ',
        ),
        fc.string(),
      ),
    );
    fc.assert(fc.property(pieces, (parts) => typeof evaluate(parts.join('')).ok === 'boolean'));
  });
});
