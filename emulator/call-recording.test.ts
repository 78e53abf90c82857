import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CallChain, MachineConfig } from './api';
import { guest } from './guest.test-support';
import { Machine } from './machine';
import { modes, randomProgram } from './random-program.test-support';

const MEMORY = 1 << 20;

/** A machine that records, whose program runs until harts stand at `stop`, and how its chains read. */
function record(source: string, config: Partial<MachineConfig> = {}) {
  const { image, labels } = guest(source);
  const machine = new Machine({ image, memory: MEMORY, firmware: 'none', recordCalls: true, ...config });
  /** The last label at or before it, which is where a call returns to in these programs. */
  const nameOf = (address: bigint): string => {
    const [name, at] = [...labels].filter(([, label]) => label <= address).at(-1) ?? ['?', address];
    return at === address ? name : `${name}+${address - at}`;
  };
  return {
    machine,
    runTo: (label: string, budget = 200_000): void => {
      machine.setBreakpoints([labels.get(label)!]);
      assert.equal(machine.run({ budget }).kind, 'breakpoint', `comes to ${label}`);
    },
    /** Innermost first, then the origin. */
    chain: (hart = 0): string => readable(machine.harts[hart]!.callChain, nameOf),
  };
}

function readable(chain: CallChain | undefined, nameOf: (address: bigint) => string): string {
  if (!chain) return 'none';
  const { transfers, origin } = chain;
  const rows = transfers.map((transfer) =>
    transfer.kind === 'call' ? nameOf(transfer.returnAddress) : `trap ${nameOf(transfer.trap.epc)}`,
  );
  const end =
    origin.kind === 'start'
      ? `start ${nameOf(origin.pc)}`
      : origin.kind === 'user'
        ? `user ${nameOf(origin.trap.epc)}`
        : origin.kind;
  return [...rows, end].join(', ');
}

const prologue = `
  addi sp,sp,-16
  sd ra,0(sp)`;
const epilogue = `
  ld ra,0(sp)
  addi sp,sp,16
  ret`;
const stack = 'li sp,0x80080000';
/** Saves ra and sp at a0, loads those at a1. */
const switchTo = `
  sd ra,0(a0)
  sd sp,8(a0)
  ld ra,0(a1)
  ld sp,8(a1)
  ret`;
/** The trap vector, and a stack that traps find in mscratch. */
const vector = `
  la t0,trap
  csrw mtvec,t0
  li t0,0x3fffffffffffff
  csrw pmpaddr0,t0
  li t0,0x1f
  csrw pmpcfg0,t0`;

describe('recorded calls', () => {
  it('are those that have not returned, also where a function calls itself', () => {
    const { runTo, chain } = record(`
      begin:
      ${stack}
      jal ra,first
      after_first:
      li a0,3
      jal ra,recursive
      after_recursive:
      j after_recursive
      first:
      ret
      recursive:
      ${prologue}
      beqz a0,deepest
      addi a0,a0,-1
      jal ra,recursive
      again:
      nop
      returning:
      ${epilogue}
      deepest:
      j returning`);
    runTo('first');
    assert.equal(chain(), 'after_first, start begin');
    runTo('deepest');
    assert.equal(chain(), 'again, again, again, after_recursive, start begin');
    runTo('again');
    assert.equal(chain(), 'again, again, after_recursive, start begin');
    runTo('after_recursive');
    assert.equal(chain(), 'start begin');
  });

  it('do not have functions that jumped to another one', () => {
    const { runTo, chain } = record(`
      begin:
      ${stack}
      jal ra,outer
      after_outer:
      j after_outer
      outer:
      ${prologue}
      jal ra,jumper
      after_jumper:
      ${epilogue}
      jumper:
      j target
      target:
      ret`);
    runTo('target');
    assert.equal(chain(), 'after_jumper, after_outer, start begin');
    runTo('after_jumper');
    assert.equal(chain(), 'after_outer, start begin');
  });

  it('are over where control leaves several functions at once', () => {
    const { runTo, chain } = record(`
      begin:
      ${stack}
      jal ra,outer
      after_outer:
      j after_outer
      outer:
      ${prologue}
      jal ra,set
      after_set:
      bnez a0,left
      jal ra,middle
      after_middle:
      nop
      left:
      jal ra,leaf
      after_leaf:
      ${epilogue}
      middle:
      ${prologue}
      jal ra,leave
      after_leave:
      ${epilogue}
      set:
      mv s2,ra
      mv s3,sp
      li a0,0
      ret
      leave:
      mv ra,s2
      mv sp,s3
      li a0,1
      ret
      leaf:
      ret`);
    runTo('leave');
    assert.equal(chain(), 'after_leave, after_middle, after_outer, start begin');
    runTo('left');
    assert.equal(chain(), 'after_outer, start begin');
    runTo('leaf');
    assert.equal(chain(), 'after_leaf, after_outer, start begin');
    runTo('after_outer');
    assert.equal(chain(), 'start begin');
  });

  it('follow the link registers as the manual has it: co-routines return and call at once', () => {
    const { runTo, chain } = record(`
      begin:
      ${stack}
      jal ra,routine
      after_routine:
      j after_routine
      routine:
      ${prologue}
      jal t0,save
      after_save:
      auipc t0,0
      addi t0,t0,20
      mv t1,t0
      jalr t0,0(t1)
      after_plain:
      nop
      there:
      jalr ra,0(t0)
      swapped:
      nop
      save:
      addi sp,sp,-32
      inside_save:
      jr t0`);
    runTo('inside_save');
    assert.equal(chain(), 'after_save, after_routine, start begin');
    runTo('after_save');
    assert.equal(chain(), 'after_routine, start begin');
    runTo('there');
    assert.equal(chain(), 'after_plain, after_routine, start begin');
    // rs1 and rd are different link registers.
    runTo('after_plain');
    assert.equal(chain(), 'swapped, after_routine, start begin');
  });

  const twoTasks = `
      begin:
      ${stack}
      jal ra,one
      after_one:
      j after_one
      one:
      ${prologue}
      la t0,two
      la a1,task2
      sd t0,0(a1)
      li t0,0x80090000
      sd t0,8(a1)
      la a0,task1
      jal ra,switch
      resumed_one:
      la a0,task1
      la a1,task2
      jal ra,switch
      resumed_again:
      ${epilogue}
      two:
      jal ra,work
      after_work:
      j after_work
      work:
      ${prologue}
      la a0,task2
      la a1,task1
      jal ra,switch
      resumed_two:
      ${epilogue}
      switch:
      ${switchTo}
      .align 8
      task1:
      .space 16
      task2:
      .space 16`;

  it('change with the stack, and are kept for when it is changed back', () => {
    const { machine, runTo, chain } = record(twoTasks);
    runTo('switch');
    assert.equal(chain(), 'resumed_one, after_one, start begin');
    runTo('two');
    assert.equal(chain(), 'start two');
    const blocked = machine.suspendedChain(0x8007_fff0n);
    assert.deepEqual(
      blocked?.transfers.map(({ sp }) => sp),
      [0x8007_fff0n, 0x8008_0000n],
    );
    runTo('resumed_one');
    assert.equal(chain(), 'after_one, start begin');
    assert.equal(machine.suspendedChain(0x8007_fff0n), undefined);
    runTo('resumed_two');
    assert.equal(chain(), 'after_work, start two');
    runTo('after_work');
    assert.equal(chain(), 'start two');
  });

  it('go on on another hart', () => {
    const { runTo, chain } = record(
      `
      begin:
      csrr t0,mhartid
      la s1,shared
      bnez t0,other
      ${stack}
      jal ra,one
      after_one:
      j after_one
      one:
      ${prologue}
      la t0,idle
      la a1,idle_task
      sd t0,0(a1)
      li t0,0x80090000
      sd t0,8(a1)
      la a0,task
      jal ra,switch
      resumed:
      ${epilogue}
      idle:
      li t1,1
      sd t1,0(s1)
      idle_loop:
      j idle_loop
      other:
      li sp,0x800a0000
      waiting:
      ld t0,0(s1)
      beqz t0,waiting
      jal ra,schedule
      schedule:
      la a0,old
      la a1,task
      jal ra,switch
      never:
      nop
      switch:
      ${switchTo}
      .align 8
      shared:
      .space 8
      task:
      .space 16
      old:
      .space 16
      idle_task:
      .space 16`,
      { harts: 2 },
    );
    runTo('idle_loop');
    assert.equal(chain(0), 'start idle');
    assert.equal(chain(1), 'start begin');
    runTo('resumed');
    assert.equal(chain(1), 'after_one, start begin');
    assert.equal(chain(0), 'start idle');
  });

  it('have traps, which nest, and end with their returns wherever those lead', () => {
    const { runTo, chain } = record(`
      begin:
      ${stack}
      ${vector}
      jal ra,outer
      after_outer:
      j after_outer
      outer:
      ${prologue}
      trapping:
      ecall
      behind:
      ${epilogue}
      .align 8
      trap:
      csrr s2,mepc
      addi s2,s2,4
      bnez s3,inner
      li s3,1
      addi sp,sp,-64
      jal ra,handle
      after_handle:
      addi sp,sp,64
      csrw mepc,s2
      li t0,0x1800
      csrs mstatus,t0
      mret
      handle:
      mv s4,s2
      nested:
      ecall
      behind_nested:
      mv s2,s4
      ret
      inner:
      csrw mepc,s2
      mret`);
    runTo('trap');
    assert.equal(chain(), 'trap trapping, after_outer, start begin');
    runTo('inner');
    assert.equal(chain(), 'trap nested, after_handle, trap trapping, after_outer, start begin');
    runTo('behind_nested');
    assert.equal(chain(), 'after_handle, trap trapping, after_outer, start begin');
    runTo('behind');
    assert.equal(chain(), 'after_outer, start begin');
  });

  it('change with the stack of a trap that is returned from, also where both traps were at the same instruction', () => {
    const { runTo, chain } = record(`
      begin:
      ${stack}
      ${vector}
      jal ra,one
      after_one:
      j after_one
      one:
      ${prologue}
      jal ra,yield
      back_in_one:
      ${epilogue}
      two:
      jal ra,yield
      back_in_two:
      j back_in_two
      yield:
      ecall
      .align 8
      trap:
      jal ra,schedule
      after_schedule:
      li t0,0x1800
      csrs mstatus,t0
      csrr t1,mepc
      beqz s5,to_two
      csrw mepc,s6
      mv sp,s7
      mret
      to_two:
      li s5,1
      mv s6,t1
      mv s7,sp
      la t0,two
      csrw mepc,t0
      li sp,0x80090000
      mret
      schedule:
      ret`);
    runTo('schedule');
    assert.equal(chain(), 'after_schedule, trap yield, back_in_one, after_one, start begin');
    runTo('two');
    assert.equal(chain(), 'start two');
    runTo('yield');
    assert.equal(chain(), 'back_in_two, start two');
    runTo('schedule');
    assert.equal(chain(), 'after_schedule, trap yield, back_in_two, start two');
    runTo('yield');
    assert.equal(chain(), 'back_in_one, after_one, start begin');
  });

  it('begin anew with each trap from user mode, which itself is not recorded', () => {
    const { machine, runTo, chain } = record(`
      begin:
      ${stack}
      ${vector}
      la t0,user
      csrw mepc,t0
      jal ra,go
      after_go:
      nop
      go:
      mret
      user:
      jal ra,function
      after_function:
      j user
      function:
      mv s2,ra
      call:
      ecall
      mv ra,s2
      ret
      .align 8
      trap:
      jal ra,handle
      after_handle:
      csrr t0,mepc
      addi t0,t0,4
      csrw mepc,t0
      mret
      handle:
      ret`);
    runTo('go');
    assert.equal(chain(), 'after_go, start begin');
    runTo('user');
    assert.equal(machine.harts[0]!.callChain, undefined);
    for (let round = 0; round < 3; round++) {
      runTo('handle');
      assert.equal(chain(), 'after_handle, user call');
      runTo('after_function');
      assert.equal(chain(), 'none');
    }
  });

  it('survive the change of all addresses when an MMU is turned on', () => {
    const { runTo, chain } = record(`
      begin:
      ${stack}
      jal ra,relocate
      physical:
      nop
      ${'nop\n'.repeat(8)}
      relocate:
      li t0,4096
      add ra,ra,t0
      ret
      .align 4096
      .space 24
      moved:
      jal ra,function
      after_function:
      j after_function
      function:
      ret`);
    runTo('function');
    assert.equal(chain(), 'after_function, start begin');
  });

  it('stay where a function returns to a trampoline, until that has returned', () => {
    const { runTo, chain } = record(`
      begin:
      ${stack}
      jal ra,outer
      after_outer:
      j after_outer
      outer:
      ${prologue}
      jal ra,traced
      after_traced:
      ${epilogue}
      traced:
      mv s2,ra
      la ra,trampoline
      ret
      trampoline:
      jal ra,find_original
      after_find:
      mv ra,s2
      ret
      find_original:
      ret`);
    runTo('find_original');
    assert.equal(chain(), 'after_find, after_traced, after_outer, start begin');
    runTo('after_traced');
    assert.equal(chain(), 'after_outer, start begin');
  });

  it('forget the outermost half where they get too deep', () => {
    const { machine, runTo } = record(`
      li sp,0x800f0000
      li a0,5000
      jal ra,recursive
      after_recursive:
      j after_recursive
      recursive:
      ${prologue}
      beqz a0,deepest
      addi a0,a0,-1
      jal ra,recursive
      returning:
      ${epilogue}
      deepest:
      j returning`);
    runTo('deepest');
    const { transfers, origin } = machine.harts[0]!.callChain!;
    assert.equal(origin.kind, 'lost');
    assert.ok(transfers.length > 2000 && transfers.length < 4096, `${transfers.length} transfers`);
    assert.ok(transfers.every(({ sp }, index) => sp === transfers[0]!.sp + BigInt(index) * 16n));
    runTo('after_recursive');
    assert.equal(machine.harts[0]!.callChain!.transfers.length, 0);
  });

  it('are not there unless they are asked for', () => {
    const { machine, runTo } = record(twoTasks, { recordCalls: false });
    runTo('resumed_two');
    assert.equal(machine.harts[0]!.callChain, undefined);
    assert.equal(machine.suspendedChain(0x8007_fff0n), undefined);
  });

  it('are the same however the run is sliced, and change nothing that the guest can tell', function () {
    this.timeout(60_000);
    const TOTAL = 4000;
    const INTERVAL = 100;
    const input = fc.record({
      seed: fc.integer({ min: 1, max: 0x7fff_ffff }),
      mode: fc.constantFrom(...modes),
      guarded: fc.boolean(),
      slices: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
    });
    let transfers = 0;
    fc.assert(
      fc.property(input, ({ slices, ...options }) => {
        const { image, addresses } = randomProgram(options);
        const config = { image, harts: 2, firmware: 'none', memory: MEMORY } as const;
        const plain = new Machine({ ...config, translate: false });
        const whole = new Machine({ ...config, recordCalls: true });
        const sliced = new Machine({ ...config, recordCalls: true });
        plain.run({ budget: TOTAL });
        sliced.setBreakpoints(addresses.filter((_, index) => index % 3 === 0));
        let turn = 0;
        for (let goal = INTERVAL; goal <= TOTAL; goal += INTERVAL) {
          whole.run({ budget: INTERVAL });
          for (; sliced.instructions < goal; turn++) {
            const budget = Math.min(slices[turn % slices.length]!, goal - sliced.instructions);
            const step = turn % 2 ? { step: { hart: (turn % 4) >> 1, instructions: 1 } } : {};
            sliced.run({ budget, ...step });
          }
          whole.harts.forEach(({ callChain }, hart) => {
            assert.deepEqual(sliced.harts[hart]!.callChain, callChain);
            transfers += callChain?.transfers.length ?? 0;
          });
        }
        assert.equal(whole.digest(), plain.digest());
        assert.equal(sliced.digest(), plain.digest());
      }),
      { numRuns: 8 },
    );
    assert.ok(transfers > 0);
  });
});
