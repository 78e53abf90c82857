import assert from 'node:assert/strict';
import { finish, poweredOff, runToEnd, Sbi, sbi } from './machine.test-support';

describe('harts of the machine', () => {
  /** Hart 0 starts hart 1 to 3 at `secondary`, with 0x100 + id as the opaque value. */
  const startOthers = `
    li s0,1
    next:
    mv a0,s0
    la a1,secondary
    addi a2,s0,0x100
    ${sbi(Sbi.hsm, 0)}
    bnez a0,failed
    addi s0,s0,1
    li t0,4
    bltu s0,t0,next`;
  /** Waits until hart a0 has the HSM state in s1. */
  const awaitState = (label: string) => `
    mv s2,a0
    ${label}:
    mv a0,s2
    ${sbi(Sbi.hsm, 2)}
    bne a1,s1,${label}`;
  const end = `
    mv s11,zero
    j exit
    failed:
    li s11,1
    exit:${finish('s11')}`;

  it('start with their id and opaque value, stop, and start again', () => {
    const { machine, stop } = runToEnd(
      `
      ${startOthers}
      li s1,1
      li a0,3
      ${awaitState('stopped')}
      li a0,3
      la a1,again
      li a2,0x777
      ${sbi(Sbi.hsm, 0)}
      bnez a0,failed
      li s1,1
      li a0,3
      ${awaitState('stoppedAgain')}
      ${end}
      secondary:
      mv s5,a0
      mv s6,a1
      csrr s7,satp
      csrr s8,sstatus
      ${sbi(Sbi.hsm, 1)}
      again:
      mv s9,a1
      ${sbi(Sbi.hsm, 1)}`,
      { harts: 4 },
    );
    assert.deepEqual(stop, poweredOff);
    for (const hart of machine.harts.slice(1)) {
      assert.equal(hart.state, 'stopped');
    }
    assert.deepEqual([machine.harts[2]!.getX(21), machine.harts[2]!.getX(22)], [2n, 0x102n]);
    assert.equal(machine.harts[2]!.getX(24) & 2n, 0n);
    assert.equal(machine.harts[3]!.getX(25), 0x777n);
  });

  it('suspend and resume through an IPI, with registers kept and without', () => {
    const { machine, stop } = runToEnd(
      `
      ${startOthers}
      li s1,4
      li a0,1
      ${awaitState('suspended1')}
      li a0,2
      ${awaitState('suspended2')}
      li a0,6
      li a1,0
      ${sbi(Sbi.ipi, 0)}
      li s1,1
      li a0,1
      ${awaitState('stopped1')}
      li a0,2
      ${awaitState('stopped2')}
      ${end}
      secondary:
      li t0,2
      csrw sie,t0
      li s5,0x5a5
      li a0,0
      li t0,0x102
      bne a1,t0,suspend
      li a0,0x80000000   # hart 2 does not keep its registers
      suspend:
      la a1,resume
      li a2,0x888
      ${sbi(Sbi.hsm, 3)}
      mv s6,a0
      ${sbi(Sbi.hsm, 1)}
      resume:
      mv s7,a0
      mv s8,a1
      ${sbi(Sbi.hsm, 1)}`,
      { harts: 4 },
    );
    assert.deepEqual(stop, poweredOff);
    const [, kept, lost, still] = machine.harts;
    assert.deepEqual([kept!.getX(21), kept!.getX(22), kept!.getX(23)], [0x5a5n, 0n, 0n]);
    assert.deepEqual([lost!.getX(21), lost!.getX(23), lost!.getX(24)], [0n, 2n, 0x888n]);
    assert.equal(still!.state, 'suspended');
  });

  it('wake from WFI through an IPI and take it as a supervisor software interrupt', () => {
    const { machine, stop } = runToEnd(
      `
      ${startOthers}
      la s3,count
      li s4,3
      li a0,-1
      li a1,-1
      wait:
      li a0,0xe
      li a1,0
      ${sbi(Sbi.ipi, 0)}
      ld t0,0(s3)
      bltu t0,s4,wait
      ${end}
      secondary:
      la t0,trap
      csrw stvec,t0
      li t0,2
      csrw sie,t0
      csrsi sstatus,2
      idle:
      wfi
      j idle
      trap:
      csrr s5,scause
      csrci sip,2
      la t0,count
      li t1,1
      amoadd.d t0,t1,(t0)
      ${sbi(Sbi.hsm, 1)}
      count:
      .dword 0`,
      { harts: 4 },
    );
    assert.deepEqual(stop, poweredOff);
    for (const hart of machine.harts.slice(1)) assert.equal(hart.getX(21), (1n << 63n) | 1n);
  });

  it('execute what another hart has written after a remote fence.i', () => {
    const { machine, stop } = runToEnd(
      `
      ${startOthers}
      la s3,patched
      la t0,instruction
      lw t0,0(t0)
      la s4,count
      warm:
      ld t1,0(s4)
      li t2,1000
      bltu t1,t2,warm
      sw t0,0(s3)
      li a0,0xe
      li a1,0
      ${sbi(Sbi.rfence, 0)}
      la s4,seen
      li s5,3
      wait:
      ld t1,0(s4)
      bltu t1,s5,wait
      ${end}
      instruction:
      li s6,2
      secondary:
      la s4,count
      li t1,1
      again:
      amoadd.d zero,t1,(s4)
      patched:
      li s6,1
      beq s6,t1,again
      la s4,seen
      amoadd.d zero,t1,(s4)
      ${sbi(Sbi.hsm, 1)}
      count:
      .dword 0
      seen:
      .dword 0`,
      { harts: 4 },
    );
    assert.deepEqual(stop, poweredOff);
    assert.equal(machine.harts[1]!.getX(22), 2n);
  });

  it('see a changed mapping after a remote sfence.vma', () => {
    const { stop } = runToEnd(
      `
      la s3,root
      li t0,0x200000cf    # 0x80000000 for 1 GiB, all rights, accessed and dirty
      sd t0,16(s3)        # identity, so that code goes on
      sd t0,0(s3)         # virtual 0 to 0x80000000
      ${startOthers}
      la s4,seen
      wait:
      ld t0,0(s4)
      beqz t0,wait
      sd zero,0(s3)       # take the mapping away
      li a0,2
      li a1,0
      li a2,0
      li a3,0x1000
      ${sbi(Sbi.rfence, 1)}
      li t0,2
      faulted:
      ld t1,0(s4)
      bne t1,t0,faulted
      ${end}
      secondary:
      li t0,1
      beq a0,t0,first
      ${sbi(Sbi.hsm, 1)}
      first:
      la t0,trap
      csrw stvec,t0
      la s3,root
      srli t0,s3,12
      li t1,1
      slli t1,t1,63
      or t0,t0,t1
      csrw satp,t0
      sfence.vma
      la s4,seen
      li t0,1
      read:
      ld t1,8(zero)
      sd t0,0(s4)
      j read
      .space 8
      trap:
      li t0,2
      la s4,seen
      sd t0,0(s4)
      ${sbi(Sbi.hsm, 1)}
      seen:
      .dword 0
      .align 4096
      root:
      .space 4096`,
      { harts: 4 },
    );
    assert.deepEqual(stop, poweredOff);
  });
});
