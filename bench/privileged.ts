import { performance } from 'node:perf_hooks';
import { guest } from '../emulator/guest.test-support';
import { Machine } from '../emulator/machine';
import { median } from './statistics';

/** What kernels do by the hundred thousand, each as a loop in S-mode under Sv39. */

const ROUNDS = 20_000;
const RUNS = 3;
const BASE = 0x8000_0000;
const ROOT = BASE + 0x10_0000;
/** Sixteen pages of 4 KiB at virtual 0x40000000, physical `PAGES`. */
const MIDDLE = ROOT + 0x1000;
const LEAVES = ROOT + 0x2000;
const PAGES = ROOT + 0x4000;
const VIRTUAL = 0x4000_0000;
const LEAF = 0xc7n; // D, A, W, R, V
const CODE_LEAF = 0xcfn;

const entry = (address: number, bits: bigint): bigint => (BigInt(address) >> 2n) | bits;
const bytes = (...values: readonly bigint[]): Uint8Array =>
  new Uint8Array(BigUint64Array.from(values).buffer);
const tables = [
  { address: ROOT + 8, data: bytes(entry(MIDDLE, 1n), entry(BASE, CODE_LEAF)) },
  { address: MIDDLE, data: bytes(entry(LEAVES, 1n)) },
  {
    address: LEAVES,
    data: bytes(...Array.from({ length: 16 }, (_, page) => entry(PAGES + page * 4096, LEAF))),
  },
].map((segment) => ({ ...segment, memorySize: segment.data.length }));

const touch = Array<string>(16).fill('ld t0,0(a1)\nadd a1,a1,a2').join('\n');
const touchPages = `li a1,${VIRTUAL}\nli a2,4096\n${touch}`;

const loops: Readonly<Record<string, string>> = {
  'store to code, fence.i': 'sw t3,0(a5)\nfence.i\njalr ra,0(a5)',
  'fence of a page': 'sfence.vma a3\nld t0,0(a3)',
  'fence of an address space, 16 pages': `sfence.vma zero,a4\n${touchPages}`,
  'fence of all, 16 pages': `sfence.vma\n${touchPages}`,
  'switch of address space, 16 pages': `csrw satp,a6\n${touchPages}\ncsrw satp,a7`,
  'sstatus.SIE off and on': 'csrci sstatus,2\ncsrsi sstatus,2',
  'sstatus.SUM on and off': 'csrs sstatus,s3\ncsrc sstatus,s3',
  'page fault and sret': 'ld t0,0(s4)',
};

/** Microseconds for one round, without those of an empty loop. */
export function privilegedCosts(): readonly { readonly name: string; readonly microseconds: number }[] {
  const empty = measure('nop');
  return Object.entries(loops).map(([name, body]) => ({
    name,
    microseconds: ((measure(body) - empty) / ROUNDS) * 1000,
  }));
}

/** Milliseconds for all rounds. */
function measure(body: string): number {
  const { image } = guest(
    `
    la t0,handler
    csrw stvec,t0
    li a6,${(8n << 60n) | (1n << 44n) | BigInt(ROOT / 4096)}
    li a7,${(8n << 60n) | (2n << 44n) | BigInt(ROOT / 4096)}
    csrw satp,a7
    li a3,${VIRTUAL + 0x3000}
    li a4,1
    li a5,${BASE + 0x8010}
    li t3,0x00008067
    sw t3,0(a5)
    li s3,0x40000
    li s4,0x48000000
    li s1,${ROUNDS}
    again:
    ${body}
    addi s1,s1,-1
    bnez s1,again
    li a7,0x53525354
    li a6,0
    li a0,0
    li a1,0
    ecall
    .align 4
    handler:
    csrr t0,sepc
    addi t0,t0,4
    csrw sepc,t0
    sret`,
    BASE + 0x20_0000,
  );
  const times = Array.from({ length: RUNS }, () => {
    const machine = new Machine({
      image: { ...image, segments: [...image.segments, ...tables] },
      memory: 16 << 20,
    });
    const start = performance.now();
    while (!machine.exit && machine.instructions < 100 * ROUNDS * RUNS) machine.run({ budget: 1_000_000 });
    if (machine.exit?.kind !== 'power-off') throw new Error('The loop did not come to its end.');
    return performance.now() - start;
  });
  return median(times);
}
