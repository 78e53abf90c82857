import assert from 'node:assert/strict';
import { build } from './emulator-target.test-support';

describe('memory of a hart', () => {
  function mapped() {
    const { target, machine } = build('busy');
    const hart = machine.harts[0]!;
    machine.ram.set(7, new Uint8Array(4096).fill(7));
    machine.ram.set(3, new Uint8Array(4096).fill(3));
    hart.pages.set(0x10n, 7).set(0x11n, 3).set(0x13n, 99);
    hart.pages.set((1n << 52n) - 1n, 7);
    return { hart: target.harts[0]!, machine };
  }

  it('is read page by page through the translation', () => {
    const bytes = mapped().hart.readMemory(0x10ffen, 4);
    assert.deepEqual([...bytes], [7, 7, 3, 3]);
  });

  it('is read up to the first page that is not there', () => {
    assert.equal(mapped().hart.readMemory(0x10ff0n, 8192).length, 16 + 4096);
    assert.equal(mapped().hart.readMemory(0x12000n, 8).length, 0);
    assert.equal(mapped().hart.readMemory(0x13000n, 8).length, 0);
  });

  it('is read up to the end of the address space, not around it', () => {
    assert.equal(mapped().hart.readMemory((1n << 64n) - 4n, 16).length, 4);
  });

  it('is written page by page, and the bytes that were written are counted', () => {
    const { hart, machine } = mapped();
    assert.equal(hart.writeMemory(0x11ffen, Uint8Array.of(1, 2, 3, 4)), 2);
    assert.deepEqual([...machine.ram.get(3)!.subarray(4094)], [1, 2]);
  });
});

describe('recorded calls of the target', () => {
  it('are those of the machine, with privileges by their names', () => {
    const { target, machine } = build('busy');
    assert.equal(target.harts[0]!.callChain, undefined);
    const trap = { hart: 0, cause: 8n, epc: 0x1000n, tval: 0n, from: 0, to: 1 } as const;
    const named = { ...trap, from: 'user', to: 'supervisor' };
    const call = { kind: 'call', returnAddress: 0x2000n, sp: 0x100n } as const;
    machine.harts[0]!.callChain = {
      transfers: [call, { kind: 'trap', trap, sp: 0x200n }],
      origin: { kind: 'user', trap, sp: 0x300n },
    };
    machine.suspended.set(0x100n, { transfers: [call], origin: { kind: 'lost' } });
    assert.deepEqual(target.harts[0]!.callChain, {
      transfers: [call, { kind: 'trap', trap: named, sp: 0x200n }],
      origin: { kind: 'user', trap: named, sp: 0x300n },
    });
    assert.deepEqual(target.suspendedChain(0x100n), { transfers: [call], origin: { kind: 'lost' } });
    assert.equal(target.suspendedChain(0x110n), undefined);
  });
});
