import assert from 'node:assert/strict';
import { Privilege } from '../api';
import { csrName } from '../isa/csr-names';
import type { Experiment } from './experiment.test-support';
import { runOnBoth } from './experiment.test-support';
import { hasQemu } from './qemu.test-support';

const privileges = Object.entries(Privilege);
const numbers = Array.from({ length: 4096 }, (_, number) => number);
const nameOf = (number: number): string => csrName(number) ?? `0x${number.toString(16)}`;

const A0 = 10;
const A1 = 11;
/** `csrrs a0,number,source`: words, because assembling so many takes its time. */
const setBits = (number: number, source: number): number =>
  ((number << 20) | (source << 15) | (2 << 12) | (A0 << 7) | 0x73) >>> 0;
const LI_A0_0 = 0x0000_0513;

/** Executes an access and forgets what it read. Setting no bits is a write all the same. */
const accesses = (number: number, privilege: Privilege): readonly Experiment[] =>
  [0, A1].map((source) => ({
    code: new Uint8Array(Uint32Array.of(setBits(number, source), LI_A0_0).buffer),
    privilege,
  }));

const hex = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16)}`;
const bigIntToText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? hex(value) : value);

const values = [0n, -1n, 0x5555_5555_5555_5555n, 0xaaaa_aaaa_aaaa_aaaan, 0x0123_4567_89ab_cdefn];

/** Not those that move on between two instructions. */
const isWritable = (number: number): boolean =>
  csrName(number) !== undefined && number >> 10 !== 3 && !['mcycle', 'minstret'].includes(nameOf(number));

/**
 * Bytes of pmpcfg without what is reserved, which QEMU stores all the same (bits 6:5, write without read), and without the lock, so
 * that later experiments can write too.
 */
const legalProtection = (value: bigint): bigint =>
  (BigInt.asUintN(64, value) & 0x1f1f_1f1f_1f1f_1f1fn) |
  ((BigInt.asUintN(64, value) >> 1n) & 0x0101_0101_0101_0101n);

/** Bits in which we differ from QEMU on purpose; in all of them the manual allows both. */
const notCompared: Readonly<Record<string, bigint>> = {
  // B stands for Zba, Zbb and Zbs; QEMU sets it only if it is named itself.
  misa: 1n << 1n,
  // QEMU's U-mode can have 32 bits; ours has always 64.
  mstatus: 3n << 32n,
  sstatus: 3n << 32n,
  // QEMU lets exceptions be delegated that it never raises here: ecall from M-mode, those of the hypervisor and of Zicfi*.
  medeleg: ~0xb3ffn,
  // Interrupts of the hypervisor, of counter overflows and of AIA. The manual wants what does not exist to be zero.
  mideleg: ~0x222n,
  mie: ~0xaaan,
  // CBIE, CBCFE and CBZE exist on QEMU without Zicbom and Zicboz, CDE without Smcdeleg; CBIE takes its reserved value.
  menvcfg: (15n << 4n) | (1n << 60n),
  senvcfg: 15n << 4n,
  // QEMU clears bit 0 of these when they are used; the manual wants it to read as zero.
  sepc: 1n,
  mepc: 1n,
  // The same as in mideleg, and what the timer of QEMU's board has raised.
  mip: ~0x222n,
  // QEMU keeps bits that no address has: pmpaddr gives bits 55:2.
  ...Object.fromEntries(numbers.slice(0, 16).map((entry) => [`pmpaddr${entry}`, ~((1n << 54n) - 1n)])),
  // QEMU's programmable counters have events. Ours never count.
  ...Object.fromEntries(
    numbers
      .map((number) => [nameOf(number), -1n] as const)
      .filter(([name]) => /^mhpm(event|counter)/.test(name)),
  ),
};

/** What these hold at reset is the timer's matter. */
const anyAtReset = ['stimecmp', 'mip'];

describe('CSRs on QEMU and here', function () {
  this.timeout(120_000);
  before(function () {
    if (!hasQemu) this.skip(); // Needs a qemu-system-riscv64 whose harts can be put together.
  });

  for (const counters of [0n, 0xffff_ffffn]) {
    it(`trap alike for each of 4096 numbers, privilege and direction, mcounteren = scounteren = ${counters}`, () => {
      const experiments: Experiment[] = [
        { code: 'csrw mcounteren,a0\ncsrw scounteren,a0', x: { a0: counters } },
        ...numbers.flatMap((number) => privileges.flatMap(([, privilege]) => accesses(number, privilege))),
      ];
      const { theirs, ours } = runOnBoth(experiments);
      const different: string[] = [];
      numbers.forEach((number, index) => {
        privileges.forEach(([name], level) => {
          ['read', 'write'].forEach((access, which) => {
            const at = 1 + (index * privileges.length + level) * 2 + which;
            const [there, here] = [theirs[at]!, ours[at]!];
            const [found, expected] = [here, there].map(
              ({ cause, epc, tval }) => `cause ${cause} at ${hex(epc)} with ${hex(tval)}`,
            );
            if (found !== expected)
              different.push(`${access} ${nameOf(number)} ${name}: ${found} here, ${expected} on QEMU`);
          });
        });
      });
      assert.equal(different.join('\n'), '');
    });
  }

  it('take and read back the same bits', () => {
    const names: string[] = [];
    const experiments = numbers.filter(isWritable).flatMap((number) =>
      values.map((value): Experiment => {
        const name = nameOf(number);
        names.push(name);
        const written = name.startsWith('pmpcfg') ? legalProtection(value) : value;
        return { code: `csrrw a2,${name},a1\ncsrr a0,${name}\ncsrw ${name},a2`, x: { a1: written } };
      }),
    );
    const { theirs, ours } = runOnBoth(experiments);
    const different: string[] = [];
    experiments.forEach((experiment, index) => {
      const name = names[index]!;
      const compared = ~(notCompared[name] ?? 0n);
      const [here, there] = [ours[index]!, theirs[index]!].map((outcome) => ({
        cause: outcome.cause,
        value: hex(outcome.x['a0']! & compared),
        before: anyAtReset.includes(name) ? '' : hex(outcome.x['a2']! & compared),
      }));
      if (JSON.stringify(here, bigIntToText) !== JSON.stringify(there, bigIntToText)) {
        different.push(
          `${name} = ${hex(experiment.x!['a1']!)}: ${here!.value} here, ${there!.value} on QEMU`,
        );
      }
    });
    assert.equal(different.join('\n'), '');
  });
});
