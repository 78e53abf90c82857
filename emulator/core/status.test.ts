import assert from 'node:assert/strict';
import { Privilege } from '../api';
import { xorshift } from '../xorshift.test-support';
import { A, CODE, HANDLER, PagedHart, R, ROOT, U, V } from './paged-hart.test-support';

const { supervisor } = Privilege;

/** Generated code changes some bits of sstatus without asking anybody. */
describe('sstatus', () => {
  it('opens user memory from one instruction to the next, whatever is fenced in between', () => {
    const test = new PagedHart(
      supervisor,
      `
      li s2,0x40000
      loop:
      csrs sstatus,s2
      ld a0,0(a1)
      csrrc a2,sstatus,s2
      ld a3,0(a1)
      addi s3,s3,1
      andi t0,s3,7
      bnez t0,loop
      csrrw a4,sstatus,s2
      ld a5,0(a1)
      csrw sstatus,a4
      ld a6,0(a1)
      sfence.vma a1
      andi t0,s3,15
      bnez t0,loop
      sfence.vma
      j loop`,
    );
    // Counts the loads that fault, and goes on behind them.
    test.load('csrr t1,mepc\naddi t1,t1,4\ncsrw mepc,t1\naddi s4,s4,1\nmret', Number(HANDLER));
    test.map(0, V | R | U);
    const rounds = () => test.hart.getX(19);
    for (let slice = 1; slice < 300; slice++) test.step(slice);
    assert.ok(rounds() > 1000n);
    assert.equal(test.csr('mcause'), 13n);
    // One fault in every round, another in every eighth; the last round may be under way.
    const expected = Number(rounds() + rounds() / 8n);
    const difference = Number(test.hart.getX(20)) - expected;
    assert.ok(difference >= -1 && difference <= 1, `${difference} faults more than ${expected}`);
  });

  it('does not let it show where runs begin in the accessed bit of the page that runs', () => {
    const machines = [1, 40].map((slice) => {
      const test = new PagedHart(supervisor, 'csrs sstatus,s2\ncsrc sstatus,s2\njalr zero,0(s3)');
      // In a page that the slot for SUM does not know yet, nothing is fenced.
      test.load('sd s4,0(s5)\ncsrs sstatus,s2\nnop\nnop\nnop\nself:\nj self', Number(CODE) + 0x1000);
      const gigabyte = ROOT + 2 * 8;
      test.hart.setX(18, 0x40000n);
      test.hart.setX(19, CODE + 0x1000n);
      test.hart.setX(20, test.read64(gigabyte) & ~A);
      test.hart.setX(21, BigInt(gigabyte));
      for (let steps = 0; steps < 40; steps += slice) test.step(slice);
      assert.equal(test.csr('mcause'), 0n);
      return [test.read64(gigabyte), test.hart.stateForDigest()];
    });
    assert.deepEqual(machines[0], machines[1]);
  });

  for (const seed of [1, 2, 3]) {
    it(`lets interrupts in that wait right after the instruction that opens the way, seed ${seed}`, () => {
      const source = randomProgram(xorshift(seed));
      const stepped = prepare(source);
      const free = prepare(source);
      for (let count = 0; count < STEPS; count++) stepped.step();
      free.step(STEPS);
      assert.deepEqual(free.hart.stateForDigest(), stepped.hart.stateForDigest());
      assert.ok(stepped.hart.getX(20) > 50n, 'interrupts were taken');
    });
  }
});

const STEPS = 20_000;
const INSTRUCTIONS = 150;

function prepare(source: string): PagedHart {
  const test = new PagedHart(supervisor, source);
  test.setCsr('mideleg', 0x222n);
  return test;
}

/** Turns all that decides about a software interrupt on and off; the handler counts, and hashes where it came from and what it saw. */
function randomProgram(next: () => number): string {
  const pick = <T>(values: readonly T[]): T => values[next() % values.length]!;
  const code = Array.from({ length: INSTRUCTIONS }, () => {
    const csr = pick(['sstatus', 'sstatus', 'sstatus', 'sie', 'sip']);
    const rd = pick(['a1', 'a2', 'zero']);
    return pick([
      `csrrs ${rd},${csr},${pick(['s6', 's7', 's8', 'a1', 'zero'])}`,
      `csrrc ${rd},${csr},${pick(['s6', 's7', 's8', 'a2', 'zero'])}`,
      `csrrw ${rd},${csr},${pick(['s6', 's7', 's8', 'a1'])}`,
      `csrr${pick(['s', 'c', 'w'])}i ${rd},${csr},${pick([0, 2, 18])}`,
      'xor s9,s9,a1',
    ]);
  });
  return `
    la t0,handler
    csrw stvec,t0
    li s6,2
    li s7,0x40122
    li s8,0xc6000
    loop:
    ${code.join('\n')}
    j loop
    .align 8
    handler:
    csrr t1,sepc
    slli s5,s5,1
    add s5,s5,t1
    csrr t1,sstatus
    xor s5,s5,t1
    addi s4,s4,1
    csrci sip,2
    sret`;
}
