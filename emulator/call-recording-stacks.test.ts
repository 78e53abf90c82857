import assert from 'node:assert/strict';
import fc from 'fast-check';
import { epilogue, MEMORY, prologue, record, stack, switchTo } from './call-recording.test-support';
import { Machine } from './machine';
import { modes, randomProgram } from './random-program.test-support';

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

describe('recorded calls, stack by stack', () => {
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
