import assert from 'node:assert/strict';
import { epilogue, prologue, record, stack, vector } from './call-recording.test-support';

describe('recorded calls and traps', () => {
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
});
