import assert from 'node:assert/strict';
import { STEPS_PER_TICK } from './clock';
import { guest } from './guest.test-support';
import { Machine } from './machine';
import { finish, MEMORY, poweredOff, runToEnd, Sbi, sbi } from './machine.test-support';

describe('time on the machine', () => {
  /** Sleeps until `deadline` ticks, and ends with `time` in s0 and the cause in s1. */
  const sleep = (arm: string, sie: number) => `
    la t0,trap
    csrw stvec,t0
    li a0,123456
    ${arm}
    li t0,${sie}
    csrw sie,t0
    csrsi sstatus,2
    idle:
    wfi
    j idle
    .space 4
    trap:
    rdtime s0
    csrr s1,scause
    mv s2,zero${finish('s2')}`;

  it('jumps to the deadline of an SBI timer while the guest waits', () => {
    const { machine, stop } = runToEnd(sleep(sbi(Sbi.time, 0), 0x20));
    assert.deepEqual(stop, poweredOff);
    const [hart] = machine.harts;
    assert.deepEqual([hart!.getX(8), hart!.getX(9)], [123456n, (1n << 63n) | 5n]);
    assert.ok(machine.instructions < 50);
  });

  it('does the same for stimecmp', () => {
    const { machine } = runToEnd(sleep('csrw stimecmp,a0', 0x20));
    assert.deepEqual([machine.harts[0]!.getX(8), machine.time], [123456n, 123456]);
  });

  it('does the same for the CLINT in M-mode', () => {
    const { machine, stop } = runToEnd(
      `
      la t0,trap
      csrw mtvec,t0
      li t0,0x2004000
      li t1,5000
      sd t1,0(t0)
      li t0,0x80
      csrw mie,t0
      csrsi mstatus,8
      idle:
      wfi
      j idle
      .space 4
      trap:
      li t0,0x200bff8
      ld s0,0(t0)
      csrr s1,mcause
      mv s2,zero${finish('s2')}`,
      { firmware: 'none' },
    );
    assert.deepEqual(stop, poweredOff);
    assert.deepEqual([machine.harts[0]!.getX(8), machine.harts[0]!.getX(9)], [5000n, (1n << 63n) | 7n]);
  });

  it('interrupts a busy guest after exactly the instructions that the ticks take', () => {
    const program = guest(`
      la t0,trap
      csrw stvec,t0
      li t0,50
      csrw stimecmp,t0
      li t0,0x20
      csrw sie,t0
      csrsi sstatus,2
      loop:
      j loop
      .space 4
      trap:
      j trap`);
    const machine = new Machine({ image: program.image, memory: MEMORY });
    machine.run({ budget: 50 * STEPS_PER_TICK });
    const cause = () => machine.harts[0]!.lastTrap?.cause;
    assert.equal(cause(), undefined);
    machine.run({ budget: 1 });
    assert.equal(cause(), (1n << 63n) | 5n);
    assert.equal(machine.time, 50);
  });

  it('reads alike as rdtime and as csrrc, and as the steps say, also after a write to mtime', () => {
    const { image, labels } = guest(`
      li s0,0x80040000
      li s1,0x200bff8
      mv s2,s0
      loop:
      first:
      rdtime t0
      sd t0,0(s0)
      second:
      csrrc t1,time,zero
      sd t1,8(s0)
      addi s0,s0,16
      andi t2,s0,511
      bnez t2,loop
      slli t2,s0,9
      sd t2,0(s1)
      j loop`);
    const config = { image, memory: MEMORY, firmware: 'none' } as const;
    const stepped = new Machine(config);
    const [hart] = stepped.harts;
    const reads = new Map([
      [labels.get('first')!, 5],
      [labels.get('second')!, 6],
    ]);
    while (stepped.instructions < 10_000) {
      const register = reads.get(hart!.pc);
      stepped.run({ budget: 1 });
      if (register !== undefined) assert.equal(hart!.getX(register), BigInt(stepped.time));
    }
    assert.ok(stepped.time > 10_000);
    const free = new Machine(config);
    free.run({ budget: 10_000 });
    assert.equal(free.digest(), stepped.digest());
  });

  it('passes at one rate for all harts: time never goes back between them', () => {
    const { machine, stop } = runToEnd(
      `
      la s0,latest
      li s3,2000
      loop:
      lr.d t0,(s0)
      rdtime t1
      bltu t1,t0,wrong
      sc.d t2,t1,(s0)
      bnez t2,loop
      addi s3,s3,-1
      bnez s3,loop
      j right
      wrong:
      li s4,1
      right:
      la s5,ready
      li t0,1
      amoadd.d zero,t0,(s5)
      li t1,4
      all:
      ld t0,0(s5)
      bne t0,t1,all
      ${finish('s4')}
      .align 8
      latest:
      .dword 0
      ready:
      .dword 0`,
      { harts: 4, firmware: 'none' },
    );
    assert.deepEqual(stop, poweredOff);
    assert.ok(machine.time > 100);
  });
});
