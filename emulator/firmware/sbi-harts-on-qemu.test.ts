import { canCompare, compareWithOpenSbi } from './sbi-program.test-support';
import { command, mail, Mail, mailbox, start, untilMail } from './sbi-helper.test-support';
import {
  ALL,
  BEYOND_32_BITS,
  call,
  Eid,
  load,
  observe,
  pending,
  timers,
  untilStatus,
} from './sbi-steps.test-support';

const RAM = 0x8020_0000n;
const afterTimer = 'sip of a hart that had a timer';

describe('harts under the built-in firmware and OpenSBI', function () {
  this.timeout(120_000);
  before(function () {
    if (!canCompare()) this.skip(); // Needs QEMU 10 and Debian's opensbi 1.5.
  });

  it('send interrupts to the same harts', () => {
    const invalid = { ours: 'a0=-0x3 a1=0x0', theirs: 'a0=0x0 a1=0x0' };
    const nobody = { ours: 't0=0x0', theirs: 't0=0x2' };
    const masks = [
      ...[0n, 1n, 2n, 16n, 17n, 15n, ALL, 1n << 63n].map((mask) => [mask, 0n] as const),
      ...[0n, 5n].map((mask) => [mask, ALL] as const),
      ...([
        [1n, 3n],
        [3n, 3n],
        [1n, 4n],
        [0n, 4n],
        [1n, 99n],
        [1n, BEYOND_32_BITS],
        [1n, 1n << 63n],
      ] as const),
    ];
    compareWithOpenSbi(
      masks.flatMap(([mask, base]) => [
        call('send_ipi', Eid.ipi, 0, mask, base),
        ...pending(`IPI ${mask} ${base}`),
      ]),
      {
        // A hart that does not exist is an invalid parameter (SBI 2.0, "IPI Extension"). OpenSBI passes over those behind the base, of which
        // it takes 32 bits.
        'send_ipi 0x10 0x0': invalid,
        'send_ipi 0x11 0x0': invalid,
        'sip after IPI 17 0': nobody,
        'send_ipi -0x1 0x0': invalid,
        'sip after IPI -1 0': nobody,
        'send_ipi 0x8000000000000000 0x0': invalid,
        'send_ipi 0x3 0x3': invalid,
        'send_ipi 0x1 0x100000000': invalid,
        'send_ipi 0x1 0x8000000000000000': invalid,
        [`sip after IPI 1 ${1n << 63n}`]: nobody,
        [`sip after IPI 1 ${BEYOND_32_BITS}`]: nobody,
      },
    );
  });

  it('fence the same harts', () => {
    const invalid = { ours: 'a0=-0x3 a1=0x0', theirs: 'a0=0x0 a1=0x0' };
    const beyond = { ours: 'a0=-0x5 a1=0x0', theirs: 'a0=0x0 a1=0x0' };
    const ranges = [
      [0n, 0n],
      [0n, ALL],
      [0x1000n, 0x2000n],
      [0x1001n, 1n],
      [-4096n, 4096n],
      [-4096n, 8192n],
    ] as const;
    compareWithOpenSbi(
      [
        ...start(1),
        ...[0, 1, 2, 3, 4, 5, 6].flatMap((fid) => [
          ...(
            [
              [0n, 0n],
              [1n, 0n],
              [3n, 0n],
              [6n, 0n],
              [16n, 0n],
              [0n, ALL],
              [1n, 4n],
            ] as const
          ).map(([mask, base]) => call(`RFENCE ${fid}`, Eid.rfence, fid, mask, base, 0n, ALL, 0n)),
          ...ranges.map(([from, size]) =>
            call(`RFENCE ${fid}`, Eid.rfence, fid, 3n, 0n, from, size, BEYOND_32_BITS + 1n),
          ),
        ]),
      ],
      {
        // As with interrupts.
        ...Object.fromEntries([0, 1, 2].map((fid) => [`RFENCE ${fid} 0x10 0x0 0x0 -0x1 0x0`, invalid])),
        // Invalid for the specification ("start_addr or size is not valid"); OpenSBI looks at neither.
        ...Object.fromEntries(
          [1, 2].map((fid) => [`RFENCE ${fid} 0x3 0x0 -0x1000 0x2000 0x100000001`, beyond]),
        ),
      },
    );
  });

  for (const [what, extensions] of timers) {
    it(`start, suspend and stop harts alike, ${what}`, () => {
      const platform = { ours: 'a0=-0x3 a1=0x0', theirs: 'a0=-0x2 a1=0x0' };
      const types = [1n, 0x0fff_ffffn, 0x1000_0000n, 0x8000_0001n, 0x8fff_ffffn, 0x9000_0000n, 0xffff_ffffn];
      const ipi = call('send_ipi', Eid.ipi, 0, 2n, 0n);
      compareWithOpenSbi(
        [
          ...[0n, 1n, 2n, 3n, 4n, 99n, ALL, BEYOND_32_BITS].map((hart) => call('status', Eid.hsm, 2, hart)),
          ...[0n, 4n, 99n, ALL].map((hart) => call('hart_start', Eid.hsm, 0, hart, RAM, 0n)),
          call('hart_start', Eid.hsm, 0, 0n, 0n, 0n),
          ...types.map((type) => call('suspend', Eid.hsm, 3, type, RAM, 0n)),
          // One that is stopped gets nothing, then or later.
          ipi,
          ...start(1),
          ...mail(1, 'a0', 'a1', 'satp', 'sie', 'sip'),
          call('status', Eid.hsm, 2, 1n),
          call('hart_start', Eid.hsm, 0, 1n, RAM, 0n),
          ipi,
          untilMail(1, 'sip', 2n),
          ...command(1, 'clear'),
          untilMail(1, 'sip', 0n),
          // Registers kept.
          ...command(1, 'suspend'),
          untilStatus(1, 4),
          call('status', Eid.hsm, 2, 1n),
          ipi,
          untilStatus(1, 0),
          untilMail(1, 'answer', 0x100n),
          untilMail(1, 'sip', 2n),
          ...command(1, 'clear'),
          // Registers lost: it goes on with hart 2's mailbox.
          ...command(1, 'resume'),
          untilStatus(1, 4),
          ipi,
          untilMail(2, 'arrived', 1n),
          ...mail(2, 'a0', 'a1', 'satp', 'sie', 'sip'),
          call('status', Eid.hsm, 2, 1n),
          ...command(2, 'clear'),
          ...command(2, 'alarm'),
          untilMail(3, 'arrived', 1n),
          ...mail(3, 'a0', 'sip'),
          ...command(3, 'stop'),
          untilStatus(1, 1),
          ...start(1),
          observe(afterTimer, load(mailbox(1) + BigInt(Mail.sip))),
        ],
        {
          // With Sstc OpenSBI leaves it its timer, without it does not; the specification says nothing.
          ...(extensions.has('sstc') && { [afterTimer]: { ours: 't0=0x0', theirs: 't0=0x20' } }),
          // OpenSBI takes 32 bits of a hart id.
          'status 0x100000000': { ours: 'a0=-0x3 a1=0x0', theirs: 'a0=0x0 a1=0x0' },
          // "Platform-specific and unimplemented" types are invalid parameters (SBI 2.0, "HSM", function 3).
          'suspend 0x10000000 0x80200000 0x0': platform,
          'suspend 0x90000000 0x80200000 0x0': platform,
          'suspend 0xffffffff 0x80200000 0x0': platform,
        },
        { extensions },
      );
    });
  }
});
