import assert from 'node:assert/strict';
import { epilogue, prologue, record, stack } from './call-recording.test-support';

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
});
