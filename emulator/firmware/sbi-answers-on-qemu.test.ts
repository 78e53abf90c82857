import { canCompare, compareWithOpenSbi } from './sbi-program.test-support';
import {
  ALL,
  BEYOND_32_BITS,
  call,
  Eid,
  Legacy,
  pending,
  SCRATCH,
  store,
  timers,
} from './sbi-steps.test-support';

describe('answers of the built-in firmware and OpenSBI', function () {
  this.timeout(120_000);
  before(function () {
    if (!canCompare()) this.skip(); // Needs QEMU 10 and Debian's opensbi 1.5.
  });

  it('say alike what they are and have', () => {
    const ids = [...Array(18).keys()].map(BigInt);
    const others = [
      ...Object.values(Eid).map(BigInt),
      0xbad_cafen,
      ALL,
      BEYOND_32_BITS + 0x10n,
      -BEYOND_32_BITS + 0x10n,
    ];
    compareWithOpenSbi(
      [
        ...[0, 1, 2, 4, 5, 6, 7, 8, -1].map((fid) => call(`base ${fid}`, Eid.base, BigInt(fid))),
        call('base beyond 32 bits', Eid.base, BEYOND_32_BITS),
        ...[...ids, ...others].map((id) => call('probe', Eid.base, 3, id)),
      ],
      {
        // Implementation and its version.
        'base 1': { ours: 'a0=0x0 a1=0x52565557', theirs: 'a0=0x0 a1=0x1' },
        'base 2': { ours: 'a0=0x0 a1=0x1', theirs: 'a0=0x0 a1=0x10005' },
        // We have no events to count.
        [`probe 0x${Eid.pmu.toString(16)}`]: { ours: 'a0=0x0 a1=0x0', theirs: 'a0=0x0 a1=0x1' },
      },
    );
  });

  it('do not support the same extensions and functions', () => {
    compareWithOpenSbi([
      ...[9n, 15n, 17n, 0xbad_cafen, ALL, BEYOND_32_BITS + 1n, BEYOND_32_BITS + 0x10n].map((eid) =>
        call(`call ${eid}`, eid, 0),
      ),
      call('TIME 1', Eid.time, 1, 0n),
      call('IPI 1', Eid.ipi, 1, 1n, 0n),
      call('RFENCE 7', Eid.rfence, 7, 1n, 0n),
      call('HSM 4', Eid.hsm, 4),
      call('SRST 1', Eid.srst, 1),
      call('DBCN 3', Eid.dbcn, 3),
    ]);
  });

  for (const [what, extensions] of timers) {
    it(`set timers alike, ${what}`, () => {
      compareWithOpenSbi(
        [
          ...[Eid.time, Legacy.setTimer].flatMap((eid) =>
            [0n, ALL, 1n, 1n << 62n].flatMap((deadline) => [
              call(`timer ${eid}`, eid, 0, deadline),
              ...pending(`timer ${eid} ${deadline}`),
            ]),
          ),
        ],
        {},
        { extensions },
      );
    });
  }

  it('refuse the same resets', () => {
    const resets = [
      ...[3n, 0xf000_0000n, 0xffff_ffffn, ALL, BEYOND_32_BITS, BEYOND_32_BITS + 1n].map(
        (type) => [type, 0n] as const,
      ),
      ...[2n, 0xe000_0000n, 0xffff_ffffn, ALL, BEYOND_32_BITS].map((reason) => [0n, reason] as const),
    ];
    compareWithOpenSbi(resets.map(([type, reason]) => call('reset', Eid.srst, 0, type, reason)));
  });

  it('write the same to the console, and find nothing to read', () => {
    const invalid = { ours: 'a0=-0x3 a1=0x0', theirs: 'a0=-0x1 a1=0x0' };
    compareWithOpenSbi(
      [
        store(SCRATCH, BigInt(`0x${Buffer.from('\n!olleh').toString('hex')}`)),
        call('write', Eid.dbcn, 0, 7n, SCRATCH, 0n),
        call('write', Eid.dbcn, 0, 0n, SCRATCH, 0n),
        call('write', Eid.dbcn, 0, 1n, SCRATCH, 1n),
        call('read', Eid.dbcn, 1, 7n, SCRATCH, 0n),
        call('read', Eid.dbcn, 1, 7n, SCRATCH, 1n),
        call('write_byte', Eid.dbcn, 2, 0x1141n),
        call('put', Legacy.put, 99, 0x1142n),
        call('put', Legacy.put, 0, ALL),
        call('get', Legacy.get, 0),
      ],
      {
        // Memory that cannot be is an invalid parameter (SBI 2.0, "DBCN").
        'write 0x1 0x80900000 0x1': invalid,
        'read 0x7 0x80900000 0x1': invalid,
      },
    );
  });
});
