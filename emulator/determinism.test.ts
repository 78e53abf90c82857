import assert from 'node:assert/strict';
import fc from 'fast-check';
import { guest } from './guest.test-support';
import { Machine } from './machine';

/**
 * Harts that do everything that could depend on when they run: they start each other, count with atomics, read the time, take timer,
 * software and external interrupts, send IPIs, echo the console, and wait. What they see goes into s2.
 */
const restless = (harts: number) =>
  guest(`
  la t0,trap
  csrw stvec,t0
  li s0,1
  next:
  li t0,${harts}
  bgeu s0,t0,go
  mv a0,s0
  la a1,secondary
  mv a2,s0
  li a7,0x48534d
  li a6,0
  ecall
  addi s0,s0,1
  j next
  secondary:
  la t0,trap
  csrw stvec,t0
  go:
  la s1,counter
  li s3,0x10000000
  li t0,1
  sb t0,1(s3)
  li t0,0xc000000
  li t1,1
  sw t1,40(t0)
  li t0,0xc002080
  li t1,0x400
  sw t1,0(t0)
  li s4,0xc201004
  rdtime t0
  addi t0,t0,17
  csrw stimecmp,t0
  li t0,0x222
  csrw sie,t0
  csrsi sstatus,2
  li s5,0
  work:
  lr.d t0,(s1)
  addi t0,t0,1
  sc.d t1,t0,(s1)
  add s2,s2,t1
  li t1,3
  amoadd.d t0,t1,(s1)
  xor s2,s2,t0
  slli t0,s2,7
  add s2,s2,t0
  rdtime t0
  xor s2,s2,t0
  addi s5,s5,1
  andi t0,s5,127
  bnez t0,quiet
  li a0,0
  li a1,-1
  li a7,0x735049
  li a6,0
  ecall
  quiet:
  andi t0,s5,1023
  bnez t0,work
  wfi
  j work
  .align 8
  trap:
  csrr t3,scause
  add s2,s2,t3
  csrci sip,2
  rdtime t4
  xor s2,s2,t4
  addi t4,t4,23
  csrw stimecmp,t4
  lw t5,0(s4)
  beqz t5,back
  lbu t3,0(s3)
  sb t3,0(s3)
  sw t5,0(s4)
  back:
  sret
  .align 8
  counter:
  .dword 0`);

interface Input {
  readonly at: number;
  readonly text: string;
}

/** All that is executed is translated as soon as it is seen. */
const EAGER = 0;

/** The digest and the console after `total` steps in slices of the given sizes, taken in turn. */
function digestAfter(
  harts: number,
  total: number,
  slices: readonly number[],
  inputs: readonly Input[] = [],
  translate = false,
) {
  const machine = new Machine({ image: restless(harts).image, harts, memory: 1 << 20, translate }, EAGER);
  let output = '';
  machine.onConsoleOutput = (bytes) => (output += Buffer.from(bytes).toString());
  const goals = [...inputs.map(({ at }) => at), total];
  goals.forEach((goal, index) => {
    let slice = 0;
    while (machine.instructions < goal) {
      const budget = Math.min(slices[slice++ % slices.length]!, goal - machine.instructions);
      assert.equal(machine.run({ budget }).kind, 'budget');
    }
    const input = inputs[index];
    if (input) machine.sendConsoleInput(Buffer.from(input.text));
  });
  assert.equal(machine.instructions, total);
  return { digest: machine.digest(), output, machine };
}

describe('determinism', () => {
  const TOTAL = 60_000;
  const inputs = [
    { at: 20_123, text: 'hello' },
    { at: 41_007, text: 'world, more than sixteen bytes of it' },
  ];
  const slicings = fc.array(fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 51, max: 20_000 })), {
    minLength: 1,
    maxLength: 8,
  });

  for (const harts of [1, 2, 4]) {
    it(`gives the same digest for any slicing, translated or not, with ${harts} hart${harts > 1 ? 's' : ''} and console input`, () => {
      const expected = digestAfter(harts, TOTAL, [TOTAL], inputs);
      assert.equal(expected.output, inputs.map(({ text }) => text).join(''));
      for (const hart of expected.machine.harts) assert.ok(hart.instret > TOTAL / harts / 4, 'all harts run');
      fc.assert(
        fc.property(slicings, fc.boolean(), (slices, translate) => {
          const { digest, output, machine } = digestAfter(harts, TOTAL, slices, inputs, translate);
          if (translate) assert.ok(machine.translation!.inRegions > 0);
          assert.equal(digest, expected.digest);
          assert.equal(output, expected.output);
        }),
        { numRuns: 12 },
      );
    });
  }

  it('gives the same digest wherever calls are cut short', () => {
    const expected = digestAfter(2, TOTAL, [TOTAL]);
    for (const every of [1, 2, 5]) {
      const machine = new Machine({ image: restless(2).image, harts: 2, memory: 1 << 20 }, EAGER);
      let asked = 0;
      let calls = 0;
      for (; machine.instructions < TOTAL; calls++) {
        machine.run({ budget: TOTAL - machine.instructions, isEnough: () => ++asked % every === 0 });
      }
      assert.ok(calls > 5, `${calls} calls`);
      assert.equal(machine.digest(), expected.digest);
    }
  });

  it('is not disturbed by single steps, breakpoints that are passed, and looking', () => {
    const plain = digestAfter(2, 6000, [6000]);
    const { image, labels } = restless(2);
    const machine = new Machine({ image, harts: 2, memory: 1 << 20 }, EAGER);
    machine.setBreakpoints(['work', 'trap', 'secondary'].map((label) => labels.get(label)!));
    let stops = 0;
    while (machine.instructions < 6000) {
      const budget = 6000 - machine.instructions;
      const hart = machine.instructions % 2;
      const step = stops % 3 === 0 ? { budget, step: { hart, instructions: 1 } } : { budget };
      if (machine.run(step).kind !== 'budget') stops++;
      for (const { pc } of machine.harts) machine.readPhysical(Number(pc), 4);
      machine.harts[0]!.translate(0x8000_0000n);
    }
    assert.ok(stops > 100);
    assert.equal(machine.digest(), plain.digest);
  });

  it('depends on when input arrives', () => {
    const early = digestAfter(2, TOTAL, [TOTAL], [{ at: 20_000, text: 'x' }]);
    const late = digestAfter(2, TOTAL, [TOTAL], [{ at: 20_500, text: 'x' }]);
    assert.notEqual(early.digest, late.digest);
  });

  it('shows in the digest what a debugger writes', () => {
    const { machine, digest } = digestAfter(2, 1000, [1000]);
    machine.harts[1]!.setX(5, machine.harts[1]!.getX(5) ^ 1n);
    assert.notEqual(machine.digest(), digest);
    machine.harts[1]!.setX(5, machine.harts[1]!.getX(5) ^ 1n);
    assert.equal(machine.digest(), digest);
    machine.writePhysical(0x8008_0000, Uint8Array.of(1));
    assert.notEqual(machine.digest(), digest);
  });
});
