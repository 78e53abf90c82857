import assert from 'node:assert/strict';
import { guest } from './guest.test-support';
import { Machine } from './machine';
import { finish, MEMORY, poweredOff, runToEnd, Sbi, sbi } from './machine.test-support';

/** Guest code: writes a character through SBI. */
const print = (char: string) => `
  li a0,${char.charCodeAt(0)}${sbi(Sbi.dbcn, 2)}`;

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

  it('lets programs in user mode read the time before the kernel has said anything about it', () => {
    const { machine } = runToEnd(`
      la t0,trap
      csrw stvec,t0
      la t0,user
      csrw sepc,t0
      sret
      user:
      rdtime s2
      ecall
      .align 8
      trap:
      csrr s3,scause
      ${finish('zero')}`);
    assert.equal(machine.harts[0]!.getX(19), 8n, 'an environment call from user mode');
  });

  it('uses the last page of 2 GiB as any other: data, atomics, code; and takes from the host what it touches only', () => {
    const before = process.memoryUsage().rss;
    const { machine, stop } = runToEnd(
      `
      li t0,0xfffff000
      li t1,0x1122334455667788
      sd t1,0(t0)
      lr.d t2,(t0)
      addi t2,t2,1
      sc.d s2,t2,(t0)
      amoadd.d s3,t1,(t0)
      li t2,0x00008067 # ret
      sw t2,16(t0)
      fence.i
      addi t0,t0,16
      la ra,back
      jr t0
      back:
      ${finish('zero')}`,
      { memory: 2 ** 31, harts: 8 },
    );
    assert.deepEqual(stop, poweredOff);
    const [hart] = machine.harts;
    assert.deepEqual([hart!.getX(18), hart!.getX(19)], [0n, 0x1122_3344_5566_7789n]);
    assert.ok(process.memoryUsage().rss - before < 512 << 20);
  });

  describe('endings', () => {
    it('gives the code of the test device', () => {
      const { stop } = runToEnd(`li s0,42${finish('s0')}`);
      assert.deepEqual(stop, { kind: 'exit', exit: { kind: 'test-device', code: 42 } });
    });

    it('powers off and resets through SBI, and stays so', () => {
      const { machine, stop } = runToEnd(`li a0,0\nli a1,0${sbi(Sbi.srst, 0)}`);
      assert.deepEqual(stop, poweredOff);
      const { instructions } = machine;
      assert.deepEqual(machine.run({ budget: 100 }), poweredOff);
      assert.equal(machine.instructions, instructions);
      assert.deepEqual(runToEnd(`li a0,1\nli a1,0${sbi(Sbi.srst, 0)}`).machine.exit, {
        kind: 'reset',
        code: 0,
      });
    });

    it('watches the word of HTIF', () => {
      const program = guest(`
        la t0,tohost
        li t1,15
        sd t1,0(t0)
        stay:
        j stay
        .align 8
        tohost:
        .dword 0`);
      const tohost = Number(program.labels.get('tohost'));
      const config = { image: program.image, memory: MEMORY, firmware: 'none', tohost } as const;
      const machine = new Machine(config);
      assert.deepEqual(machine.run({ budget: 10_000 }), { kind: 'exit', exit: { kind: 'htif', code: 7 } });
      assert.equal(machine.instructions, 4096);
    });

    it('survives a guest whose trap handler cannot be fetched', () => {
      const { machine, stop } = runToEnd('li t0,0\ncsrw stvec,t0\nunimp', {}, 20_000);
      assert.deepEqual(stop, { kind: 'budget' });
      assert.equal(machine.instructions, 20_000);
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
        ${sbi(Sbi.dbcn, 0)}
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
});
