import assert from 'node:assert/strict';
import { constantPtRegsLayout, isFromUser, readPtRegs } from './pt-regs';
import { ptRegsFields } from './pt-regs-fields.test-support';
import { legacyLayout } from './stack-image.test-support';

describe('pt_regs', () => {
  it('is described word by word in memory order', () => {
    const fields = ptRegsFields(constantPtRegsLayout);
    assert.deepEqual(
      fields.map(({ offset }) => offset),
      Array.from({ length: 39 }, (_, n) => 8 * n),
    );
    assert.deepEqual(
      fields.map(({ name }) => name).join(' '),
      'epc ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6 ' +
        'status badaddr cause orig_a0 stackframe.record.fp stackframe.record.ra stackframe.type',
    );
    assert.equal(ptRegsFields(legacyLayout).at(-1)?.name, 'orig_a0');
  });

  it('is read with every register at its index', () => {
    const view = new DataView(new ArrayBuffer(312));
    for (let n = 0; n < 39; n++) view.setBigUint64(8 * n, BigInt(n), true);
    const regs = readPtRegs(() => new Uint8Array(view.buffer), 0x1000n, constantPtRegsLayout)!;
    assert.deepEqual(
      Array.from({ length: 32 }, (_, n) => regs.x.get(n)),
      [undefined, ...Array.from({ length: 31 }, (_, n) => BigInt(n + 1))],
    );
    assert.deepEqual([regs.epc, regs.status, regs.badaddr, regs.cause], [0n, 32n, 33n, 34n]);
  });

  it('is not read where memory is absent', () => {
    assert.equal(
      readPtRegs(() => undefined, 0x1000n, constantPtRegsLayout),
      undefined,
    );
  });

  it('is from user mode by SPP in an S-mode kernel and by MPP in an M-mode one', () => {
    assert.equal(isFromUser({ status: 0x2_0000_0020n }), true);
    assert.equal(isFromUser({ status: 0x2_0000_0120n }), false);
    assert.equal(isFromUser({ status: 0xa_0000_0080n }), true);
    assert.equal(isFromUser({ status: 0xa_0000_1880n }), false);
  });
});
