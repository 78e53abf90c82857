import assert from 'node:assert/strict';
import { guest } from './guest.test-support';
import { csrNumber } from './isa/csr-names';
import { Machine } from './machine';
import { MEMORY } from './machine.test-support';

const ILLEGAL = 2n;

/** A machine without firmware at `source`, with an M-mode handler at which it stays. */
function start(isa: string | undefined, source: string): Machine {
  const program = guest(`
    la t0,handler
    csrw mtvec,t0
    ${source}
    handler:
    j handler`);
  const config = { image: program.image, memory: MEMORY, firmware: 'none', ...(isa && { isa }) } as const;
  const machine = new Machine(config);
  machine.run({ budget: 20 });
  return machine;
}

const trapOf = (isa: string | undefined, source: string): bigint | undefined =>
  start(isa, source).harts[0]!.lastTrap?.cause;

describe('the ISA string of a machine', () => {
  it('decides what is an illegal instruction', () => {
    const cases = [
      ['mul a0,a1,a2', 'rv64iac', 'rv64im'],
      ['amoadd.w a0,a1,(sp)', 'rv64imc', 'rv64ia'],
      ['.dword 0x0001000100010001', 'rv64ima', 'rv64ic'],
      ['csrr a0,stimecmp', 'rv64imac', 'rv64i_sstc'],
    ] as const;
    for (const [source, without, enough] of cases) {
      const setup = 'li sp,0x80001000';
      assert.equal(trapOf(without, `${setup}\n${source}`), ILLEGAL, `${source} on ${without}`);
      assert.notEqual(trapOf(enough, `${setup}\n${source}`), ILLEGAL, `${source} on ${enough}`);
      assert.notEqual(trapOf(undefined, `${setup}\n${source}`), ILLEGAL, `${source} by default`);
    }
  });

  it('decides which CSRs a debugger sees, and which of their bits can be set', () => {
    const [small, large] = ['rv64i', 'rv64i_sstc'].map((isa) => start(isa, 'nop').harts[0]!);
    const stimecmp = csrNumber('stimecmp')!;
    assert.deepEqual([small!.getCsr(stimecmp), small!.setCsr(stimecmp, 1n)], [undefined, false]);
    assert.equal(large!.getCsr(stimecmp), (1n << 64n) - 1n);
    const menvcfg = csrNumber('menvcfg')!;
    for (const hart of [small!, large!]) hart.setCsr(menvcfg, 1n << 63n);
    assert.deepEqual([small!.getCsr(menvcfg), large!.getCsr(menvcfg)], [0n, 1n << 63n]);
  });

  it('is what misa and the device tree tell', () => {
    const machine = start('rv64ima_zihintpause', 'csrr a0,misa');
    assert.equal(machine.harts[0]!.getX(10), (2n << 62n) | 0x14_1101n);
    const tree = new TextDecoder('latin1').decode(machine.deviceTree);
    assert.ok(tree.includes('rv64ima_zicntr_zicsr_zifencei_zihintpause_zihpm\0'));
    assert.ok(tree.includes('i\0m\0a\0zicntr\0zicsr\0zifencei\0zihintpause\0zihpm\0'));
    assert.ok(tree.includes('riscv,sv39\0'));
  });
});
