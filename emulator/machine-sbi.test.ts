import assert from 'node:assert/strict';
import { finish, poweredOff, runToEnd, Sbi, sbi } from './machine.test-support';

const loadAccessFault = 5n;
const loadPageFault = 13n;

describe('firmware beneath the machine', () => {
  for (const [with_, isa] of [
    ['with Sstc', 'rv64imac_sstc'],
    ['without Sstc', 'rv64imac'],
  ] as const) {
    it(`interrupts when a timer is due, once for each that is set, ${with_}`, () => {
      const { stop, machine } = runToEnd(
        `
        la t0,handler
        csrw stvec,t0
        li t0,0x20
        csrw sie,t0
        csrsi sstatus,2
        rdtime s0
        li s1,1000
        add a0,s0,s1
        ${sbi(Sbi.time, 0)}
        wait:
        wfi
        j wait
        .align 4
        handler:
        rdtime t1
        sub t1,t1,s0
        bltu t1,s1,failed
        addi s3,s3,1
        li t2,3
        beq s3,t2,done
        slli s1,s1,1
        add a0,s0,s1
        ${sbi(Sbi.time, 0)}
        csrr t3,sip
        andi t3,t3,0x20
        bnez t3,failed
        sret
        failed:
        li s11,1
        done:${finish('s11')}`,
        { isa },
      );
      assert.deepEqual(stop, poweredOff);
      assert.equal(machine.time, 4000);
    });

    it(`starts a hart without the timer it had, ${with_}`, () => {
      const { stop } = runToEnd(
        `
        la a1,second
        li a0,1
        ${sbi(Sbi.hsm, 0)}
        wait:
        la t0,mark
        ld t0,0(t0)
        beqz t0,wait
        li a0,1
        ${sbi(Sbi.hsm, 2)}
        li t0,1
        bne a1,t0,wait
        li a0,1
        la a1,third
        ${sbi(Sbi.hsm, 0)}
        j idle
        second:
        rdtime a0
        addi a0,a0,100
        ${sbi(Sbi.time, 0)}
        la t0,mark
        sd t0,0(t0)
        ${sbi(Sbi.hsm, 1)}
        third:
        li t0,10000
        spin:
        addi t0,t0,-1
        bnez t0,spin
        csrr s11,sip${finish('s11')}
        idle:
        j idle
        .align 8
        mark:
        .dword 0`,
        { isa, harts: 2 },
      );
      assert.deepEqual(stop, poweredOff);
    });
  }

  it('reads a hart mask of a legacy call where the caller has it', () => {
    const { machine, stop } = runToEnd(
      `
      li t0,2
      csrw sie,t0
      la a0,mask
      li a7,4
      ecall
      wfi
      csrr s0,sip
      ${finish('a0')}
      .align 8
      mask:
      .dword 0xffffffffffff0001`,
    );
    assert.deepEqual(stop, poweredOff);
    assert.equal(machine.harts[0]!.getX(8), 2n);
  });

  /** A page table at `root` whose only entry maps the program's gigabyte, for S-mode, onto itself. */
  const turnOnPaging = `
    la t0,root
    srli t1,t0,12
    li t2,0x8000000000000000
    or t1,t1,t2
    csrw satp,t1
    sfence.vma`;
  for (const [what, paging, address, cause] of [
    ['in no RAM', '', 0x4000_0000n, loadAccessFault],
    ['in no page of the caller', turnOnPaging, 0x4000_0000n, loadPageFault],
  ] as const) {
    it(`gives the caller the fault of a hart mask that is ${what}`, () => {
      const { machine, stop } = runToEnd(`
        la t0,handler
        csrw stvec,t0
        ${paging}
        li a0,${address}
        li a7,5
        call:
        ecall
        li s11,1
        handler:
        la s1,call
        csrr s0,sepc
        sub s1,s1,s0
        j exit
        exit:
        mv a0,s11
        li a7,8
        ecall
        .align 4096
        root:
        .dword 0
        .dword 0
        .dword 0x200000cf`);
      assert.deepEqual(stop, poweredOff);
      const [hart] = machine.harts;
      assert.equal(hart!.lastTrap?.cause, cause);
      assert.equal(hart!.lastTrap.tval, address);
      assert.equal(hart!.getX(9), 0n, 'sepc is the ecall');
      assert.equal(hart!.getX(27), 0n, 'nothing behind the call has run');
    });
  }
});
