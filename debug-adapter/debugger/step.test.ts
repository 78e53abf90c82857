import assert from 'node:assert/strict';
import { inlineNestAt } from './inline-nest';
import { resolveSpec } from './resolve';
import { step } from './step';
import { lineOf, stopAt } from './stopped-program.test-support';

/** In the user program's stub for system calls. */
const userEcall = 'syscall3+0x8';

describe('a statement step', () => {
  it('in assembly goes from line to line', async () => {
    const stopped = await stopAt('handle_exception');
    const lines = [stopped.line];
    for (let count = 0; count < 3; count++) {
      await stopped.step('in');
      lines.push(stopped.line);
    }
    const [first] = lines;
    const start = Number(first!.split(':')[1]);
    assert.deepEqual(
      lines,
      [start, start + 1, start + 4, start + 5].map((line) => `entry.S:${line}`),
    );
  });

  it('in C stays in the function until its line has changed', async () => {
    const stopped = await stopAt('sys_write');
    const before = stopped.line;
    await stopped.step('over');
    assert.notEqual(stopped.line, before);
    assert.equal(stopped.function, 'sys_write');
  });

  it('over a call comes back behind it', async () => {
    const stopped = await stopAt(lineOf('entry.S', 'call\tdo_irq'));
    await stopped.step('over');
    assert.equal(stopped.line, `entry.S:${Number(stopped.line.split(':')[1])}`);
    assert.equal(stopped.function, 'handle_exception');
    assert.match(stopped.text, /^j /);
  });

  it('into a call arrives in the function behind its prologue, where breakpoints on it stop', async () => {
    const stopped = await stopAt(lineOf('entry.S', 'call\tdo_irq'));
    const { debuggee } = stopped;
    await stopped.step('in');
    const resolution = await resolveSpec(debuggee, 'do_irq');
    assert.ok(resolution.kind === 'resolved');
    assert.equal(stopped.hart.pc, resolution.armed[0]);
    assert.deepEqual(stopped.functions.slice(0, 2), ['do_irq', 'handle_exception']);
  });

  it('into a function of assembly arrives at its first instruction', async () => {
    const stopped = await stopAt(lineOf('fault.c', 'return __asm_copy_from_user'));
    await stopped.step('in');
    assert.match(stopped.place, /^__asm_copy_from_user\+0x0\//);
  });

  it('over sret arrives in user mode', async () => {
    const stopped = await stopAt('sys_getpid');
    const task = stopped.functions.length;
    assert.ok(task > 0);
    await stopped.step('out');
    await stopped.step('out');
    await stopped.step('out');
    assert.equal(stopped.function, 'handle_exception');
    for (let count = 0; count < 100 && stopped.hart.privilege !== 'user'; count++) await stopped.step('over');
    assert.equal(stopped.hart.privilege, 'user');
  });

  it('over the write of satp turns the MMU on and goes on behind the fault that it makes on purpose', async () => {
    const stopped = await stopAt('relocate_enable_mmu');
    let steps = 0;
    while (stopped.hart.bare && steps++ < 60) await stopped.step('over');
    assert.equal(stopped.hart.bare, false);
    assert.equal(stopped.function, 'relocate_enable_mmu');
  });
});

describe('a step over a trap', () => {
  /** Functions seen on the way out of a copy, stepping over each statement, and the traps that were run over. */
  async function stepThroughCopy(hit: number) {
    const stopped = await stopAt('__asm_copy_from_user', hit);
    const functions = new Set([stopped.function]);
    const faults = new Set<bigint>();
    for (let count = 0; count < 5000 && !functions.has('copy_from_user'); count++) {
      const before = stopped.debuggee.target.instructions;
      await stopped.step('over');
      const trap = stopped.hart.lastTrap;
      if (trap?.from === 'supervisor' && stopped.debuggee.target.instructions > before + 20)
        faults.add(trap.tval);
      functions.add(stopped.function);
    }
    return { functions: [...functions], faults: [...faults] };
  }

  it('runs the handler of a faulting load until the load has been done', async () => {
    const { functions, faults } = await stepThroughCopy(3);
    assert.deepEqual(functions, ['__asm_copy_from_user', 'copy_from_user']);
    assert.deepEqual(faults, [0x10001000n]);
  });

  it('runs the handler of a bad load until its fixup', async () => {
    const { functions, faults } = await stepThroughCopy(7);
    assert.deepEqual(functions, ['__asm_copy_from_user', 'copy_from_user']);
    assert.deepEqual(faults, [0x1000n]);
  });

  it('by instruction runs the system call of an ecall', async () => {
    const stopped = await stopAt(userEcall);
    assert.equal(stopped.text, 'ecall');
    const ecall = stopped.hart.pc;
    await stopped.step('over', 'instruction');
    assert.equal(stopped.hart.pc, ecall + 4n);
    assert.equal(stopped.hart.privilege, 'user');
  });
});

describe('a step into a trap', () => {
  it('arrives at handle_exception from an ecall', async () => {
    const stopped = await stopAt(userEcall);
    await stopped.step('in', 'instruction');
    assert.match(stopped.place, /^handle_exception\+0x0\//);
  });

  it('arrives at handle_exception from a load that faults', async () => {
    const stopped = await stopAt('do_anonymous_page', 3);
    while (stopped.function !== '__asm_copy_from_user') await stopped.step('out');
    // The page is there now: take the load to one that is not.
    const load = stopped.text;
    assert.match(load, /^l[bd]u? /);
    const register = /\((\w+)\)$/.exec(load)![1]!;
    const { target } = stopped.debuggee;
    const index = Array.from({ length: 32 }, (_, n) => target.registerName(n)).indexOf(register);
    stopped.hart.setX(index, 0x10n);
    await stopped.step('in', 'statement');
    assert.match(stopped.place, /^handle_exception\+0x0\//);
  });
});

describe('a step out', () => {
  it('of a C function goes to its caller', async () => {
    const stopped = await stopAt('do_anonymous_page', 3);
    const [, ...callers] = stopped.functions;
    while (callers.length > 0) {
      await stopped.step('out');
      assert.deepEqual(stopped.functions, callers);
      // At handle_exception the next step leaves the exception.
      callers.shift();
      if (stopped.function === 'handle_exception') break;
    }
    await stopped.step('out');
    assert.equal(stopped.function, '__asm_copy_from_user');
  });

  it('of a function that has not yet set up its frame uses ra', async () => {
    const stopped = await stopAt('do_page_fault+0x0', 3);
    await stopped.step('out');
    assert.equal(stopped.function, 'handle_exception');
  });

  it('of a leaf without a frame uses ra', async () => {
    const stopped = await stopAt('__asm_copy_from_user');
    await stopped.step('out');
    assert.equal(stopped.function, 'copy_from_user');
  });

  it('of handle_exception’s first instruction goes back to what was interrupted', async () => {
    const stopped = await stopAt('do_anonymous_page', 3);
    while (stopped.function !== '__asm_copy_from_user') await stopped.step('out');
    const index = 11;
    stopped.hart.setX(index, 0x10n);
    await stopped.step('in');
    assert.match(stopped.place, /^handle_exception\+0x0\//);
    await stopped.step('out');
    assert.equal(stopped.function, '__asm_copy_from_user');
  });

  it('of the way out of an exception ends behind sret', async () => {
    const stopped = await stopAt('ret_from_exception', 1);
    await stopped.step('out');
    assert.notEqual(stopped.function, 'ret_from_exception');
  });

  it('of an interrupt on the IRQ stack crosses to the task stack', async () => {
    const stopped = await stopAt('pager_interrupt');
    const seen: string[] = [];
    while (seen.length < 6) {
      // Behind a call the hart may be in a function that was inlined there, which is left first.
      const isInlined = inlineNestAt(stopped.debuggee, stopped.hart.pc, stopped.hart.bare).length > 1;
      const before = stopped.function;
      await stopped.step('out');
      if (isInlined) assert.equal(stopped.function, before);
      else seen.push(stopped.function);
    }
    assert.deepEqual(seen, [
      'riscv_timer_interrupt',
      'handle_riscv_irq',
      'call_on_irq_stack',
      'do_irq',
      'handle_exception',
      'pager_wait',
    ]);
  });

  it('of a kernel thread’s first function is refused, with the reason', async () => {
    const stopped = await stopAt('ret_from_fork_kernel_asm');
    const outcome = await step(stopped.debuggee, stopped.hart, 'out', 'statement');
    assert.ok(outcome.kind === 'refused');
    assert.match(outcome.reason, /outermost frame/);
  });

  it('in user mode is refused', async () => {
    const stopped = await stopAt('sys_getpid');
    while (stopped.hart.privilege !== 'user') await stopped.step('out');
    assert.equal((await step(stopped.debuggee, stopped.hart, 'out', 'statement')).kind, 'refused');
  });
});
