import assert from 'node:assert/strict';
import { guest } from './guest.test-support';
import { Machine } from './machine';
import { MEMORY } from './machine.test-support';

describe('stops of the machine', () => {
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

  it('asks whether it is enough at least every 256 accesses to devices, however many steps a call has', () => {
    const { image } = guest(`
      lui t0,0x10000
      poll:
      lbu t1,5(t0)
      andi t1,t1,1
      beqz t1,poll`);
    const machine = new Machine({ image, memory: MEMORY, firmware: 'none' });
    const asked = [0];
    const isEnough = () => {
      asked.push(machine.instructions);
      return false;
    };
    assert.deepEqual(machine.run({ budget: 100_000, isEnough }), { kind: 'budget' });
    assert.equal(machine.instructions, 100_000);
    const gaps = asked.slice(1).map((steps, index) => steps - asked[index]!);
    assert.ok(Math.max(...gaps) <= 3 * 256 + 3, `${Math.max(...gaps)} steps`);
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
