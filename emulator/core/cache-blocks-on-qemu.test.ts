import { Privilege } from '../api';
import { compareWithQemu, DATA, FREE } from './experiment.test-support';
import { hasQemu } from './qemu.test-support';

/** Bits of a page-table entry. */
const Pte = { V: 1n, R: 2n, W: 4n, X: 8n, U: 16n, A: 64n, D: 128n } as const;
const { V, R, W, X, U, A, D } = Pte;
const GIGAPAGE = 1n << 30n;
const RAM = 0x8000_0000n;
const NOTHING = 0xc000_0000n;

const leaf = (physical: bigint, rights: bigint): bigint => ((physical >> 12n) << 10n) | rights;

/** Gigapages of Sv39 by their number. The code itself runs in the third. */
const gigapages: readonly bigint[] = [
  leaf(RAM, V | R | A | D),
  leaf(RAM, V | R | W | A),
  leaf(RAM, V | R | W | X | A | D),
  leaf(RAM, V | R | W | D),
  0n,
  leaf(RAM, V | R | W | U | A | D),
  leaf(RAM, V | R | W | A | D),
  leaf(NOTHING, V | R | W | A | D),
];
/** QEMU lets blocks be managed where there is no memory, against the manual; see its issue 3501. */
const managed = gigapages.length - 1;

const ALL_ALLOWED = 0xf0n;
const SV39 = 8n << 60n;

describe('cache-block instructions', function () {
  this.timeout(60_000);
  before(function () {
    if (!hasQemu) this.skip(); // Needs qemu-system-riscv64.
  });

  it('fault as on QEMU where translation or memory do not let them', () => {
    const table = new Uint8Array(BigUint64Array.from(gigapages).buffer);
    const experiments = ['cbo.inval', 'cbo.clean', 'cbo.flush', 'cbo.zero'].flatMap((mnemonic) =>
      gigapages.slice(0, mnemonic === 'cbo.zero' ? undefined : managed).flatMap((_, number) =>
        // QEMU has the start of the block as tval where the manual asks for rs1 (unpriv §19.5), so that is the same here.
        [0n, 64n].map((offset) => ({
          code: `
            csrw menvcfg,a2
            csrw satp,a3
            csrw mstatus,a4
            la t0,there
            csrw mepc,t0
            mret
            there:
            ${mnemonic} (a1)`,
          memory: [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n],
          x: {
            a1: BigInt(number) * GIGAPAGE + (BigInt(DATA) - RAM) + offset,
            a2: ALL_ALLOWED,
            a3: SV39 | BigInt(FREE / 4096),
            a4: BigInt(Privilege.supervisor) << 11n,
          },
        })),
      ),
    );
    compareWithQemu(experiments, { segments: [{ address: FREE, data: table }] });
  });
});
