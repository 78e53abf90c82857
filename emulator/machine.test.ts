import assert from 'node:assert/strict';
import type { MachineConfig, RunStop } from './api';
import { guest } from './guest.test-support';
import { Machine } from './machine';

const MIB = 1 << 20;
/** Enough for the guests here, and quick to hash. */
const MEMORY = 2 * MIB;

/** An SBI call with its arguments in place. */
const sbi = (eid: number, fid: number) => `
  li a7,${eid}
  li a6,${fid}
  ecall`;
const [TIME, IPI, RFENCE, HSM, SRST, DBCN] = [
  0x54494d45, 0x735049, 0x52464e43, 0x48534d, 0x53525354, 0x4442434e,
];
const print = (char: string) => `
  li a0,${char.charCodeAt(0)}${sbi(DBCN, 2)}`;
/** Ends the machine through the test device with the code in `register`; 0 is a power-off. */
const finish = (register: string) => `
  li t5,0x100000
  li t6,0x5555
  beqz ${register},finish
  slli ${register},${register},16
  li t6,0x3333
  or t6,t6,${register}
finish:
  sw t6,0(t5)
stay:
  j stay`;

interface Ending {
  readonly machine: Machine;
  readonly output: string;
  readonly stop: RunStop;
}

function runToEnd(source: string, config: Partial<MachineConfig> = {}, budget = 1_000_000): Ending {
  const machine = new Machine({ image: guest(source).image, memory: MEMORY, ...config });
  let output = '';
  machine.onConsoleOutput = (bytes) => (output += Buffer.from(bytes).toString());
  return { machine, stop: machine.run({ budget }), output };
}

const poweredOff = { kind: 'exit', exit: { kind: 'power-off', code: 0 } };

describe('machine', () => {
  describe('at power-on', () => {
    it('starts hart 0 in S-mode under the built-in firmware, and the others when told to', () => {
      const machine = new Machine({ image: guest('nop').image, memory: MEMORY, harts: 2 });
      const [boot, other] = machine.harts;
      assert.deepEqual([boot!.state, other!.state], ['running', 'stopped']);
      assert.deepEqual([boot!.privilege, boot!.pc, boot!.bare], [1, 0x8000_0000n, true]);
      assert.deepEqual([boot!.getX(10), boot!.getCsr(0x180)], [0n, 0n]);
      const tree = machine.readPhysical(Number(boot!.getX(11)), machine.deviceTree.length);
      assert.deepEqual(tree, machine.deviceTree);
    });

    it('starts all harts in M-mode at the entry without firmware', () => {
      const machine = new Machine({ image: guest('nop').image, memory: MEMORY, harts: 4, firmware: 'none' });
      for (const hart of machine.harts) {
        assert.deepEqual([hart.state, hart.privilege, hart.pc], ['running', 3, 0x8000_0000n]);
        assert.equal(hart.getX(10), BigInt(hart.id));
        assert.equal(hart.getX(11) & 0xfffn, 0n);
      }
    });

    it('starts firmware with the address of fw_dynamic_info, which firmware can read', () => {
      const firmware = guest(`
        ld s0,0(a2)
        ld s1,16(a2)
        ${finish('zero')}`);
      const { machine, stop } = runToEnd('nop', {
        firmware: firmware.image,
        image: guest('nop', 0x8010_0000).image,
        harts: 2,
      });
      assert.deepEqual(stop, poweredOff);
      assert.deepEqual([machine.harts[0]!.getX(8), machine.harts[0]!.getX(9)], [0x4942534fn, 0x8010_0000n]);
    });
  });

  describe('endings', () => {
    it('gives the code of the test device', () => {
      const { stop } = runToEnd(`li s0,42${finish('s0')}`);
      assert.deepEqual(stop, { kind: 'exit', exit: { kind: 'test-device', code: 42 } });
    });

    it('powers off and resets through SBI, and stays so', () => {
      const { machine, stop } = runToEnd(`li a0,0\nli a1,0${sbi(SRST, 0)}`);
      assert.deepEqual(stop, poweredOff);
      const { instructions } = machine;
      assert.deepEqual(machine.run({ budget: 100 }), poweredOff);
      assert.equal(machine.instructions, instructions);
      assert.deepEqual(runToEnd(`li a0,1\nli a1,0${sbi(SRST, 0)}`).machine.exit, { kind: 'reset', code: 0 });
    });

    it('watches the word of HTIF', () => {
      const program = guest(`
        la t0,tohost
        li t1,15
        sd t1,0(t0)
        stay:
        j stay
        .space 4
        tohost:
        .dword 0`);
      const tohost = Number(program.labels.get('tohost'));
      const config = { image: program.image, memory: MEMORY, firmware: 'none', tohost } as const;
      const machine = new Machine(config);
      assert.deepEqual(machine.run({ budget: 10_000 }), { kind: 'exit', exit: { kind: 'htif', code: 7 } });
      assert.equal(machine.instructions, 4096);
    });

    it('survives a guest whose trap handler cannot be fetched', () => {
      const { machine, stop } = runToEnd('li t0,0\ncsrw stvec,t0\nunimp');
      assert.deepEqual(stop, { kind: 'budget' });
      assert.equal(machine.instructions, 1_000_000);
    });

    it('waits when nothing will ever wake the guest', () => {
      const { machine, stop } = runToEnd('loop:\nwfi\nj loop');
      assert.deepEqual(stop, { kind: 'waiting' });
      assert.equal(machine.instructions, 1);
    });
  });

  describe('console', () => {
    it('writes through SBI and the UART in order', () => {
      const { output } = runToEnd(`
        ${print('a')}
        li t0,0x10000000
        li t1,98
        sb t1,0(t0)
        ${print('c')}
        la a1,text
        li a0,3
        li a2,0
        ${sbi(DBCN, 0)}
        mv a0,zero${finish('a0')}
        text:
        .dword 0x21666564`);
      assert.equal(output, 'abcdef');
    });

    it('interrupts for input through the PLIC, and the guest echoes it', () => {
      const program = guest(`
        la t0,trap
        csrw stvec,t0
        li s0,0x10000000
        li t0,1
        sb t0,2(s0)        # FIFOs on
        sb t0,1(s0)        # interrupt for received data
        li s1,0xc000000
        sw t0,40(s1)       # priority of source 10
        li s2,0xc002080
        li t0,0x400
        sw t0,0(s2)        # enable for hart 0, S-mode
        li s3,0xc201004
        li t0,0x200
        csrw sie,t0
        csrsi sstatus,2
        idle:
        wfi
        j idle
        .space 4
        trap:
        lw t0,0(s3)        # claim
        more:
        lbu t1,5(s0)
        andi t1,t1,1
        beqz t1,done
        lbu t1,0(s0)
        sb t1,0(s0)
        j more
        done:
        sw t0,0(s3)        # complete
        sret`);
      const machine = new Machine({ image: program.image, memory: MEMORY });
      let output = '';
      machine.onConsoleOutput = (bytes) => (output += Buffer.from(bytes).toString());
      assert.equal(machine.run({ budget: 10_000 }).kind, 'waiting');
      const text = 'The quick brown fox jumps over the lazy dog.';
      machine.sendConsoleInput(Buffer.from(text));
      assert.equal(machine.run({ budget: 10_000 }).kind, 'waiting');
      assert.equal(output, text);
      assert.equal(machine.harts[0]!.lastTrap?.cause, (1n << 63n) | 9n);
    });
  });

  describe('time', () => {
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
      const { machine, stop } = runToEnd(sleep(sbi(TIME, 0), 0x20));
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
      machine.run({ budget: 5000 });
      const cause = () => machine.harts[0]!.lastTrap?.cause;
      assert.equal(cause(), undefined);
      machine.run({ budget: 1 });
      assert.equal(cause(), (1n << 63n) | 5n);
      assert.equal(machine.time, 50);
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
        amoadd.d t0,t0,(s5)
        addi t0,t0,1
        li t1,4
        bne t0,t1,stay
        ${finish('s4')}
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

  describe('harts', () => {
    /** Hart 0 starts hart 1 to 3 at `secondary`, with 0x100 + id as the opaque value. */
    const startOthers = `
      li s0,1
      next:
      mv a0,s0
      la a1,secondary
      addi a2,s0,0x100
      ${sbi(HSM, 0)}
      bnez a0,failed
      addi s0,s0,1
      li t0,4
      bltu s0,t0,next`;
    /** Waits until hart a0 has the HSM state in s1. */
    const awaitState = (label: string) => `
      mv s2,a0
      ${label}:
      mv a0,s2
      ${sbi(HSM, 2)}
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
        ${sbi(HSM, 0)}
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
        ${sbi(HSM, 1)}
        again:
        mv s9,a1
        ${sbi(HSM, 1)}`,
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
        ${sbi(IPI, 0)}
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
        ${sbi(HSM, 3)}
        mv s6,a0
        ${sbi(HSM, 1)}
        resume:
        mv s7,a0
        mv s8,a1
        ${sbi(HSM, 1)}`,
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
        ${sbi(IPI, 0)}
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
        ${sbi(HSM, 1)}
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
        ${sbi(RFENCE, 0)}
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
        ${sbi(HSM, 1)}
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
        ${sbi(RFENCE, 1)}
        li t0,2
        faulted:
        ld t1,0(s4)
        bne t1,t0,faulted
        ${end}
        secondary:
        li t0,1
        beq a0,t0,first
        ${sbi(HSM, 1)}
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
        ${sbi(HSM, 1)}
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

  describe('stopping', () => {
    it('reports every arrival of every hart at a breakpoint', () => {
      const program = guest(`
        li s0,200
        loop:
        addi s0,s0,-1
        bnez s0,loop
        done:
        j done`);
      const machine = new Machine({ image: program.image, memory: MEMORY, harts: 3, firmware: 'none' });
      machine.setBreakpoints([program.labels.get('loop')!]);
      const hits = [0, 0, 0];
      for (let left = 30_000; left > 0;) {
        const before = machine.instructions;
        const stop = machine.run({ budget: Math.min(left, 777) });
        left -= machine.instructions - before;
        if (stop.kind === 'breakpoint') hits[stop.hart]!++;
      }
      assert.deepEqual(hits, [200, 200, 200]);
    });

    it('steps one instruction of one hart, into a trap too', () => {
      const program = guest(`
        la t0,trap
        csrw stvec,t0
        unimp
        nop
        .space 8
        trap:
        j trap`);
      const machine = new Machine({ image: program.image, memory: MEMORY });
      const pcs: bigint[] = [];
      for (let step = 0; step < 6; step++) {
        const stop = machine.run({ budget: 100, step: { hart: 0, instructions: 1 } });
        assert.deepEqual(stop, { kind: 'step', hart: 0 });
        pcs.push(machine.harts[0]!.pc - 0x8000_0000n);
      }
      const trap = program.labels.get('trap')! - 0x8000_0000n;
      assert.deepEqual(pcs, [4n, 8n, 20n, 24n, trap, trap]);
    });

    it('stops at traps of the filter, at the first instruction of the handler', () => {
      const program = guest(`
        la t0,trap
        csrw stvec,t0
        lb t0,0(zero)
        .space 8
        trap:
        j trap`);
      const machine = new Machine({ image: program.image, memory: MEMORY });
      machine.setTrapFilter({ exceptionsFromUser: 0n, exceptionsFromKernel: 1n << 5n, interrupts: 0n });
      const stop = machine.run({ budget: 100 });
      assert.ok(stop.kind === 'trap');
      assert.deepEqual([stop.trap.cause, stop.trap.from, stop.trap.to], [5n, 1, 1]);
      assert.equal(machine.harts[0]!.pc, program.labels.get('trap'));
    });

    it('lets no timer steal a step when interrupts are held', () => {
      const program = guest(`
        la t0,trap
        csrw stvec,t0
        csrw stimecmp,zero
        li t0,0x20
        csrw sie,t0
        csrsi sstatus,2
        loop:
        j loop
        .space 8
        trap:
        j trap`);
      const machine = new Machine({ image: program.image, memory: MEMORY });
      const run = { budget: 100, step: { hart: 0, instructions: 30 }, holdInterrupts: 0 };
      machine.run(run);
      assert.equal(machine.harts[0]!.pc, program.labels.get('loop'));
      machine.run({ budget: 2 });
      assert.equal(machine.harts[0]!.pc, program.labels.get('trap'));
    });
  });
});
