import assert from 'node:assert/strict';
import type { RunStop, Text } from './api';
import { guest } from './guest.test-support';
import { Machine } from './machine';
import { MEMORY } from './machine.test-support';

const EAGER = 0;
const PAGE = 0x1000n;

/** M-mode code in its first page, and more code, which is none of the text, in the second. */
const program = guest(`
  la a0,outside
  li s1,300
  loop:
  call:
  jalr ra,0(a0)
  back:
  addi s1,s1,-1
  bnez s1,loop
  leave:
  j over
  over:
  wfi
  .align 4096
  outside:
  addi s2,s2,1
  jalr zero,0(ra)
  other:
  addi s2,s2,1
  addi s2,s2,1
  j over`);
const at = (name: string): bigint => program.labels.get(name)!;
const code: Text = { physical: [{ start: at('outside') - PAGE, end: at('outside') }], virtual: [] };

function build(translate = true): Machine {
  return new Machine({ image: program.image, firmware: 'none', memory: MEMORY, translate }, EAGER);
}

function strays(machine: Machine, budget: number): { pc: bigint; from: bigint | undefined }[] {
  const seen: { pc: bigint; from: bigint | undefined }[] = [];
  while (machine.instructions < 2000) {
    const stop = machine.run({ budget });
    if (stop.kind === 'stray') seen.push({ pc: stop.pc, from: stop.from });
    if (stop.kind === 'waiting') break;
  }
  return seen;
}

const isStray = (stop: RunStop, pc: bigint): void => {
  assert.equal(stop.kind === 'stray' && stop.pc, pc);
};

describe('a machine that knows its text', () => {
  for (const translate of [false, true]) {
    for (const budget of [1, 2, 3, 7, 1000]) {
      it(`stops at each call out of it, and knows the call, ${translate ? 'translated' : 'interpreted'} in slices of ${budget}`, () => {
        const machine = build(translate);
        machine.run({ budget: 703 });
        const left = machine.harts[0]!.getX(9);
        machine.setText(code);
        const seen = strays(machine, budget);
        assert.ok(left > 100n);
        assert.equal(BigInt(seen.length), left);
        for (const { pc, from } of seen) {
          assert.equal(pc, at('outside'));
          assert.equal(from, at('call'));
        }
        if (translate) assert.ok(machine.translation!.translated > 0);
        assert.equal(machine.harts[0]!.getX(18), 300n);
      });
    }
  }

  it('has executed nothing outside when it stops, and goes on from there', () => {
    const machine = build();
    machine.setText(code);
    isStray(machine.run({ budget: 100 }), at('outside'));
    assert.equal(machine.harts[0]!.getX(18), 0n);
    assert.equal(machine.harts[0]!.getX(1), at('back'));
    const before = machine.instructions;
    isStray(machine.run({ budget: 100 }), at('outside'));
    // There are two instructions outside, two in the loop, and the call.
    assert.equal(machine.instructions, before + 5);
  });

  it('steps to what is outside without executing it, and stops there before a step from it', () => {
    const machine = build();
    machine.setText(code);
    const step = () => machine.run({ budget: 10, step: { hart: 0, instructions: 1 } });
    while (machine.harts[0]!.pc !== at('outside')) assert.equal(step().kind, 'step');
    isStray(step(), at('outside'));
    assert.equal(step().kind, 'step');
    assert.equal(step().kind, 'step');
    assert.equal(machine.harts[0]!.pc, at('back'));
  });

  it('stops within a page that is text in part, exactly behind its end', () => {
    const machine = build();
    machine.setText({ physical: [{ start: at('outside') - PAGE, end: at('outside') + 4n }], virtual: [] });
    const stop = machine.run({ budget: 100 });
    isStray(stop, at('outside') + 4n);
    assert.equal(machine.harts[0]!.getX(18), 1n);
    assert.equal(stop.kind === 'stray' && stop.from, undefined);
  });

  it('takes an address for text, or what lies there in memory', () => {
    for (const text of [
      { physical: [], virtual: [{ start: 0n, end: 1n << 64n }] },
      { physical: [{ start: 0n, end: 1n << 64n }], virtual: [] },
    ]) {
      const machine = build();
      machine.setText(text);
      assert.deepEqual(strays(machine, 1000), []);
    }
  });

  it('is told of text at any time, and of none', () => {
    const machine = build();
    machine.run({ budget: 400 });
    machine.setText(code);
    isStray(machine.run({ budget: 100 }), at('outside'));
    machine.setText(undefined);
    assert.deepEqual(strays(machine, 1000), []);
  });

  it('says nothing of where it came from if a debugger has put the pc there', () => {
    const machine = build();
    machine.setText(code);
    machine.run({ budget: 100 });
    machine.run({ budget: 3 });
    machine.harts[0]!.pc = at('other');
    const stop = machine.run({ budget: 100 });
    isStray(stop, at('other'));
    assert.equal(stop.kind === 'stray' && stop.from, undefined);
  });

  it('stops where a trap returns to, and knows the return', () => {
    const { image, labels } = guest(`
      la t0,outside
      csrw mepc,t0
      li t0,0x1800
      csrs mstatus,t0
      return:
      mret
      .align 4096
      outside:
      wfi`);
    const machine = new Machine({ image, firmware: 'none', memory: MEMORY });
    const start = labels.get('outside')! - PAGE;
    machine.setText({ physical: [{ start, end: start + PAGE }], virtual: [] });
    const stop = machine.run({ budget: 100 });
    isStray(stop, labels.get('outside')!);
    assert.equal(stop.kind === 'stray' && stop.from, labels.get('return'));
  });

  it('does not look at user mode', () => {
    const { image, labels } = guest(`
      la t0,outside
      csrw mepc,t0
      li t0,-1
      csrw pmpaddr0,t0
      li t0,0x1f
      csrw pmpcfg0,t0
      mret
      .align 4096
      outside:
      addi s2,s2,1
      j outside`);
    const machine = new Machine({ image, firmware: 'none', memory: MEMORY });
    const start = labels.get('outside')! - PAGE;
    machine.setText({ physical: [{ start, end: start + PAGE }], virtual: [] });
    assert.equal(machine.run({ budget: 1000 }).kind, 'budget');
    assert.ok(machine.harts[0]!.getX(18) > 100n);
  });

  it('leaves it to a trap where nothing can be fetched', () => {
    const { image, labels } = guest(`
      la t0,handler
      csrw mtvec,t0
      jalr ra,0(zero)
      .align 64
      handler:
      wfi`);
    const machine = new Machine({ image, firmware: 'none', memory: MEMORY });
    machine.setText({ physical: [{ start: 0x8000_0000n, end: 0x8000_1000n }], virtual: [] });
    machine.setTrapFilter({ exceptionsFromKernel: 2n, exceptionsFromUser: 0n, interrupts: 0n });
    const stop = machine.run({ budget: 1000 });
    assert.equal(stop.kind, 'trap');
    assert.equal(machine.harts[0]!.pc, labels.get('handler'));
  });
});
