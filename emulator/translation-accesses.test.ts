import assert from 'node:assert/strict';
import { guest } from './guest.test-support';
import { Machine } from './machine';

/** Everything that is executed twice is translated. */
const EAGER = 0;
const MEMORY = 1 << 20;

/** Accesses of a block by one register, at any distance from ends of pages, the last of which is the end of RAM: there they trap. */
const sweep = guest(`
  la t0,trap
  csrw stvec,t0
  li s0,0x800fdf80
  round:
  li s1,0x800fff00
  move:
  sd s1,0(s0)
  lw a1,-4(s0)
  sb a1,17(s0)
  lhu a2,16(s0)
  xor s2,s2,a2
  sd s2,-8(s0)
  ld a3,3(s0)
  add s2,s2,a3
  ld a4,24(s0)
  ld a5,32(s0)
  ld s0,40(s0)
  ld a6,0(s1)
  sw a6,12(s1)
  sd a6,200(s1)
  addi s1,s1,4
  la a7,kept
  ld s0,0(a7)
  addi s0,s0,4
  sd s0,0(a7)
  andi t1,s1,0x7ff
  bnez t1,move
  j round
  .align 8
  trap:
  addi s3,s3,1
  csrr t0,sepc
  addi t0,t0,4
  csrw sepc,t0
  sret
  .align 8
  kept:
  .dword 0x800fdf80`);

function digests(stepsPerInstruction: number | undefined): string[] {
  const machine = new Machine(
    { image: sweep.image, memory: MEMORY, translate: stepsPerInstruction !== undefined },
    stepsPerInstruction,
  );
  const found: string[] = [];
  for (const slice of [1000, 1, 333, 17, 2048, 5]) {
    for (let count = 0; count < 40; count++) {
      assert.equal(machine.run({ budget: slice }).kind, 'budget');
      if (count % 8 === 0) found.push(`${machine.instructions} ${machine.digest()}`);
    }
  }
  assert.equal((machine.translation?.inRegions ?? 0) > 0, stepsPerInstruction !== undefined);
  return found;
}

describe('accesses in translated code', () => {
  it('do what they do in the interpreter, at the end of a page and of RAM too', () => {
    assert.deepEqual(digests(EAGER), digests(undefined));
  });
});
