import assert from 'node:assert/strict';
import fc from 'fast-check';
import { guest } from './guest.test-support';
import { Machine } from './machine';

/** Everything that is executed twice is translated. */
const EAGER = 0;

const work = guest(`
  la t0,trap
  csrw stvec,t0
  la s1,data
  li s2,0
  li s3,0
  outer:
  li s4,0
  inner:
  slli t1,s4,3
  andi t1,t1,0x1f8
  add t1,t1,s1
  ld t2,0(t1)
  add t2,t2,s4
  sd t2,0(t1)
  amoadd.d t3,s4,(t1)
  xor s2,s2,t3
  addi s4,s4,1
  li t4,50
  blt s4,t4,inner
  mv a0,s3
  jal ra,mix
  add s2,s2,a0
  addi s3,s3,1
  andi t0,s3,15
  bnez t0,outer
  sfence.vma
  j outer
  mix:
  addi sp,sp,-16
  slli a0,a0,7
  rdtime t0
  add a0,a0,t0
  divu a0,a0,s3
  ret
  .align 8
  trap:
  csrr t0,sepc
  addi t0,t0,4
  csrw sepc,t0
  sret
  .align 8
  data:
  .dword 0`);

function digests(
  stepsPerInstruction: number | undefined,
  slices: readonly number[],
  total: number,
): string[] {
  const machine = new Machine(
    { image: work.image, memory: 1 << 20, translate: stepsPerInstruction !== undefined },
    stepsPerInstruction,
  );
  const found: string[] = [];
  for (let index = 0; machine.instructions < total; index++) {
    const budget = Math.min(slices[index % slices.length]!, total - machine.instructions);
    assert.equal(machine.run({ budget }).kind, 'budget');
    if (index % 16 === 0) found.push(`${machine.instructions} ${machine.digest()}`);
  }
  // Or it would be the interpreter that is compared with itself.
  const inRegions = machine.translation?.inRegions ?? 0;
  assert.equal(inRegions > 0, stepsPerInstruction !== undefined);
  return [...found, machine.digest()];
}

describe('translated code', () => {
  it('leaves the same state as the interpreter, whatever the length of slices', () => {
    const slices = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(slices, (lengths) => {
        assert.deepEqual(digests(EAGER, lengths, 20_000), digests(undefined, lengths, 20_000));
      }),
      { numRuns: 10 },
    );
  });
});
