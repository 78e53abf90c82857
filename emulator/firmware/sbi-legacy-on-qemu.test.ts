import { start, untilMail } from './sbi-helper.test-support';
import { canCompare, compareWithOpenSbi } from './sbi-program.test-support';
import {
  act,
  ALL,
  call,
  Legacy,
  pending,
  SCRATCH,
  type Step,
  store,
  withMask,
} from './sbi-steps.test-support';

const NOTHING_THERE = 0x1800_0000n;

describe('legacy calls of the built-in firmware and OpenSBI', function () {
  this.timeout(120_000);
  before(function () {
    if (!canCompare()) this.skip(); // Needs QEMU 10 and Debian's opensbi 1.5.
  });

  it('take masks of legacy calls from memory, and give the same faults', () => {
    compareWithOpenSbi([
      ...start(1),
      ...[0n, 1n, 2n, 3n, 0xffn, -16n, ALL].flatMap((mask) => [
        store(SCRATCH + 0x1000n, mask),
        ...withMask.map((eid) => call(`legacy ${eid} of ${mask}`, eid, 0, SCRATCH + 0x1000n, 0n, ALL, 1n)),
        ...pending(`legacy ${mask}`),
        call('clear_ipi', Legacy.clearIpi, 0, 5n),
        ...pending(`clear_ipi ${mask}`),
      ]),
      untilMail(1, 'sip', 2n),
      ...withMask.flatMap((eid) => [
        ...[
          0n,
          1n,
          SCRATCH + 0x1001n,
          SCRATCH + 0x1004n,
          NOTHING_THERE,
          NOTHING_THERE + 4n,
          1n << 60n,
          ALL,
        ].map((pointer) => call(`legacy ${eid}`, eid, 0, pointer, 0n, ALL, 1n)),
        ...pending(`legacy ${eid}`),
      ]),
    ]);
  });

  it('read masks of legacy calls with the rights of the caller', () => {
    const [root, middle, leaf] = [0n, 1n, 2n].map((page) => SCRATCH + 0x1_0000n + page * 0x1000n);
    const table = (address: bigint): bigint => ((address >> 12n) << 10n) | 1n;
    const page = (address: bigint, rights: bigint): bigint => ((address >> 12n) << 10n) | rights | 0xc1n;
    const [R, W, X, U] = [2n, 4n, 8n, 16n];
    const rights = [R, R | W, X, R | X, R | U, X | U];
    const pages = rights.map((_, index) => 0x1000n * BigInt(index + 1));
    const masks = [...pages, 0x7000n, 0x4000_0000n, 1n << 40n].map((address) => address + 8n);
    // Across pages: into one of the user, and from it.
    const across = [0x4ffcn, 0x5ffcn, 0x6ffcn];
    const calls = (mode: string): Step[] =>
      [...masks, ...across].flatMap((pointer) => [
        ...[Legacy.sendIpi, Legacy.fenceI].map((eid) => call(`${mode}: legacy ${eid}`, eid, 0, pointer)),
        ...pending(`${mode}: ${pointer}`),
      ]);
    compareWithOpenSbi([
      store(root!, table(middle!)),
      store(root! + 16n, page(0x8000_0000n, R | W | X)),
      store(middle!, table(leaf!)),
      ...pages.flatMap((address, index) => [
        store(leaf! + (address >> 12n) * 8n, page(SCRATCH + 0x2_0000n + address, rights[index]!)),
        store(SCRATCH + 0x2_0000n + address + 8n, 1n),
      ]),
      act(`li t0,${(8n << 60n) | (root! >> 12n)}\ncsrw satp,t0\nsfence.vma`),
      ...calls('plain'),
      act('li t0,0x40000\ncsrs sstatus,t0'),
      ...calls('SUM'),
      act('li t0,0x80000\ncsrs sstatus,t0'),
      ...calls('SUM and MXR'),
      act('li t0,0x40000\ncsrc sstatus,t0'),
      ...calls('MXR'),
    ]);
  });

  it('end the machine alike with the legacy call', () => {
    compareWithOpenSbi([call('put', Legacy.put, 0, 0x58n)], {}, { end: `li a7,${Legacy.off}\necall` });
  });
});
