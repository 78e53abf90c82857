import assert from 'node:assert/strict';
import type { CallFrameRow, RegisterRule } from '../api';
import { callerRegisters } from './caller-registers';

/** Each word of the stack holds its own address plus one. */
const memory = (address: bigint, length: number) => {
  if (address < 0x1000n || address + BigInt(length) > 0x2000n || length !== 8) return undefined;
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, address + 1n, true);
  return new Uint8Array(view.buffer);
};
const row = (rules: readonly (readonly [number, RegisterRule])[], more: Partial<CallFrameRow> = {}) => ({
  start: 0n,
  end: 4n,
  cfa: { kind: 'register', register: 2, offset: 32n } as const,
  rules: new Map(rules),
  returnAddressRegister: 1,
  isSignalFrame: false,
  ...more,
});
const registers = new Map([
  [1, 0x80n],
  [2, 0x1000n],
  [4, 0x44n],
  [6, 0x66n],
  [8, 0x88n],
  [9, 0x99n],
  [10, 0xaan],
]);
const saved = (offset: bigint): RegisterRule => ({ kind: 'offset', offset });

describe('callerRegisters', () => {
  it('reads what was saved, and keeps what a call preserves', () => {
    const caller = callerRegisters(
      row([
        [1, saved(-8n)],
        [8, saved(-16n)],
      ]),
      registers,
      memory,
    );
    assert.ok(caller.kind === 'caller');
    assert.deepEqual([caller.cfa, caller.pc, caller.pcAt], [0x1020n, 0x1019n, 0x1018n]);
    const known = Array.from({ length: 32 }, (_, index) => index).flatMap((index) => {
      const value = caller.registers.get(index);
      return value === undefined ? [] : [[index, value]];
    });
    assert.deepEqual(known, [
      [2, 0x1020n],
      [4, 0x44n],
      [8, 0x1011n],
      [9, 0x99n],
    ]);
  });

  it('says that pc is in ra still where no rule has it', () => {
    const caller = callerRegisters(row([]), registers, memory);
    assert.ok(caller.kind === 'caller');
    assert.deepEqual([caller.pc, caller.pcAt], [0x80n, undefined]);
  });

  it('follows every kind of rule', () => {
    const caller = callerRegisters(
      row([
        [1, { kind: 'register', register: 6 }],
        [8, { kind: 'value offset', offset: -32n }],
        [9, { kind: 'undefined' }],
        [10, { kind: 'same' }],
        [18, { kind: 'expression', expression: Uint8Array.of(0x23, 8) }],
        [19, { kind: 'value expression', expression: Uint8Array.of(0x23, 8) }],
        [40, saved(-8n)],
      ]),
      registers,
      memory,
    );
    assert.ok(caller.kind === 'caller');
    assert.equal(caller.pc, 0x66n);
    assert.deepEqual(
      [8, 9, 10, 18, 19, 40].map((register) => caller.registers.get(register)),
      [0x1000n, undefined, 0xaan, 0x1029n, 0x1028n, undefined],
    );
  });

  it('lets a rule for sp count more than the CFA', () => {
    const caller = callerRegisters(row([[2, saved(-8n)]]), registers, memory);
    assert.ok(caller.kind === 'caller');
    assert.deepEqual([caller.cfa, caller.registers.get(2)], [0x1020n, 0x1019n]);
  });

  it('knows the outermost function', () => {
    assert.equal(callerRegisters(row([[1, { kind: 'undefined' }]]), registers, memory).kind, 'outermost');
  });

  it('says what is missing', () => {
    const reason = (one: CallFrameRow, known = registers) => {
      const result = callerRegisters(one, known, memory);
      assert.ok(result.kind === 'failed');
      return result.reason;
    };
    assert.match(reason(row([]), new Map([[2, 0n]])), /return address is in a register that is not known/);
    assert.match(reason(row([]), new Map()), /CFA is relative to register 2/);
    assert.match(reason(row([[1, saved(0x1000n)]])), /saved at 0x2020 cannot be read/);
    const cfa = { kind: 'expression', expression: Uint8Array.of(0x06) } as const;
    assert.match(reason(row([], { cfa })), /expression for the CFA/);
  });
});
