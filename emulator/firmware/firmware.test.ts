import assert from 'node:assert/strict';
import type { MachineExit } from '../api';
import { GuestMemory } from '../core/guest-memory';
import { FakeHart } from '../fake-hart.test-support';
import { Firmware } from './firmware';

const Eid = {
  base: 0x10n,
  time: 0x54494d45n,
  ipi: 0x735049n,
  rfence: 0x52464e43n,
  hsm: 0x48534dn,
  srst: 0x53525354n,
  dbcn: 0x4442434en,
} as const;
const Status = {
  success: 0n,
  failed: -1n,
  notSupported: -2n,
  invalidParam: -3n,
  invalidAddress: -5n,
  alreadyAvailable: -6n,
};
const [SIP, MIE, MIP, STIMECMP] = [0x144, 0x304, 0x344, 0x14d];
const ALL = (1n << 64n) - 1n;
const RAM = 0x8000_0000n;

class Bench {
  readonly harts = [0, 1, 2, 3].map((id) => new FakeHart(id));
  readonly memory = new GuestMemory(1 << 20);
  readonly exits: MachineExit[] = [];
  readonly timers: [hart: number, deadline: bigint][] = [];
  output = '';
  input: number[] = [];
  readonly firmware = new Firmware({
    harts: this.harts,
    memory: this.memory,
    writeConsole: (bytes) => (this.output += new TextDecoder().decode(bytes)),
    readConsole: () => this.input.shift(),
    end: (exit) => this.exits.push(exit),
    setTimer: (hart, deadline) => this.timers.push([hart.id, deadline]),
    startSupervisor: (hart, pc, opaque) => hart.start(pc, 1, BigInt(hart.id), opaque),
  });

  /** a0 and a1 after a call by hart 0, both signed. */
  call(eid: bigint, fid: number, ...args: readonly bigint[]): [error: bigint, value: bigint] {
    return this.callOn(0, eid, fid, ...args);
  }

  callOn(id: number, eid: bigint, fid: number, ...args: readonly bigint[]): [error: bigint, value: bigint] {
    const hart = this.harts[id]!;
    [77n, 77n, 77n, 77n, 77n, 77n, BigInt(fid), eid].forEach((value, index) => hart.setX(10 + index, value));
    args.forEach((value, index) => hart.setX(10 + index, value));
    this.firmware.call(hart);
    return [BigInt.asIntN(64, hart.getX(10)), BigInt.asIntN(64, hart.getX(11))];
  }
}

describe('built-in firmware', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });

  describe('BASE', () => {
    it('is SBI 2.0 with an implementation id that nobody has registered', () => {
      assert.deepEqual(bench.call(Eid.base, 0), [0n, 0x0200_0000n]);
      assert.deepEqual(bench.call(Eid.base, 1), [0n, 0x5256_5557n]);
      assert.deepEqual(bench.call(Eid.base, 2), [0n, 1n]);
    });

    it('finds each of its extensions and no other', () => {
      for (const id of [...Object.values(Eid), 0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]) {
        assert.deepEqual(bench.call(Eid.base, 3, id), [0n, 1n], `extension 0x${id.toString(16)}`);
      }
      for (const id of [0x504d55n, 0x53555350n, 9n, ALL]) {
        assert.deepEqual(bench.call(Eid.base, 3, id), [0n, 0n]);
      }
    });

    it('reports the identity CSRs of the hart', () => {
      bench.harts[0]!.csrs.set(0xf12, 42n);
      assert.deepEqual(bench.call(Eid.base, 5), [0n, 42n]);
    });

    it('knows identifiers of 32 bits only', () => {
      for (const id of [(1n << 32n) + Eid.base, ALL - 0xffff_ffffn + Eid.base]) {
        assert.deepEqual(bench.call(id, 0), [Status.notSupported, 0n]);
        assert.deepEqual(bench.call(Eid.base, 3, id), [0n, 0n]);
      }
      assert.deepEqual(bench.call((1n << 32n) + 8n, 0), [Status.notSupported, 0n]);
      assert.deepEqual(bench.exits, []);
    });

    it('does not support what does not exist, and changes no register but a0 and a1', () => {
      assert.deepEqual(bench.call(0x1234_5678n, 0), [Status.notSupported, 0n]);
      assert.deepEqual(bench.call(Eid.base, 7), [Status.notSupported, 0n]);
      assert.deepEqual(bench.call(Eid.hsm, 99), [Status.notSupported, 0n]);
      assert.deepEqual(bench.harts[0]!.x.slice(12, 18), [77n, 77n, 77n, 77n, 99n, Eid.hsm]);
    });
  });

  it('TIME sets the compare register of the calling hart', () => {
    assert.deepEqual(bench.callOn(2, Eid.time, 0, 12345n), [0n, 0n]);
    assert.equal(bench.harts[2]!.csrs.get(STIMECMP), 12345n);
    assert.equal(bench.harts[0]!.csrs.get(STIMECMP), undefined);
    assert.deepEqual(bench.timers, []);
  });

  it('TIME asks the board for a timer where the hart has no compare register', () => {
    bench.harts[2]!.absentCsrs.add(STIMECMP);
    assert.deepEqual(bench.callOn(2, Eid.time, 0, 12345n), [0n, 0n]);
    assert.deepEqual(bench.timers, [[2, 12345n]]);
  });

  describe('IPI', () => {
    const pending = () => bench.harts.map((hart) => hart.csrs.get(SIP) ?? 0n);

    it('makes a software interrupt pending on the harts of the mask, counted from its base', () => {
      assert.deepEqual(bench.call(Eid.ipi, 0, 0b101n, 1n), [0n, 0n]);
      assert.deepEqual(pending(), [0n, 2n, 0n, 2n]);
    });

    it('takes base -1 as all harts, whatever the mask', () => {
      assert.deepEqual(bench.call(Eid.ipi, 0, 0n, ALL), [0n, 0n]);
      assert.deepEqual(pending(), [2n, 2n, 2n, 2n]);
    });

    it('leaves stopped harts alone', () => {
      bench.harts[1]!.state = 'stopped';
      assert.deepEqual(bench.call(Eid.ipi, 0, 0b11n, 0n), [0n, 0n]);
      assert.deepEqual(pending(), [2n, 0n, 0n, 0n]);
    });

    it('interrupts nobody if one of the harts does not exist', () => {
      for (const [mask, base] of [
        [0b10001n, 0n],
        [0b11n, 3n],
        [1n, 4n],
        [1n << 63n, 1n << 63n],
        [0n, 5n],
      ] as const) {
        assert.deepEqual(bench.call(Eid.ipi, 0, mask, base), [Status.invalidParam, 0n]);
      }
      assert.deepEqual(pending(), [0n, 0n, 0n, 0n]);
    });
  });

  describe('RFENCE', () => {
    it('fences instructions, addresses, and addresses of one address space', () => {
      bench.call(Eid.rfence, 0, 0b10n, 0n);
      bench.call(Eid.rfence, 1, 0b10n, 0n, 0x1000n, 0x2000n);
      bench.call(Eid.rfence, 2, 0b10n, 0n, 0x1000n, 0x2000n, 0xf0007n);
      assert.deepEqual(bench.harts[1]!.calls, [
        'fenceI',
        'fenceVma 4096 8192 undefined',
        'fenceVma 4096 8192 7',
      ]);
      assert.deepEqual(bench.harts[0]!.calls, []);
    });

    it('takes 0, 0 and a size of all ones as the whole address space', () => {
      bench.call(Eid.rfence, 1, 1n, 0n, 0n, 0n);
      bench.call(Eid.rfence, 2, 1n, 0n, 0x1000n, ALL, 3n);
      assert.deepEqual(bench.harts[0]!.calls, [
        'fenceVma undefined undefined undefined',
        'fenceVma undefined undefined 3',
      ]);
    });

    it('rejects harts that do not exist, ranges beyond the end, and the hypervisor functions', () => {
      assert.deepEqual(bench.call(Eid.rfence, 0, 0b10000n, 0n), [Status.invalidParam, 0n]);
      assert.deepEqual(bench.call(Eid.rfence, 1, 1n, 0n, ALL, 2n), [Status.invalidAddress, 0n]);
      for (const fid of [3, 4, 5, 6]) {
        assert.deepEqual(bench.call(Eid.rfence, fid, 1n, 0n, 0n, 0n), [Status.notSupported, 0n]);
      }
      assert.deepEqual(bench.harts[0]!.calls, []);
    });
  });

  describe('HSM', () => {
    it('starts a stopped hart in S-mode with its id and the opaque value', () => {
      bench.harts[3]!.state = 'stopped';
      assert.deepEqual(bench.call(Eid.hsm, 2, 3n), [0n, 1n]);
      assert.deepEqual(bench.call(Eid.hsm, 0, 3n, RAM + 0x100n, 0xabcn), [0n, 0n]);
      assert.deepEqual(bench.harts[3]!.calls, ['start 80000100 1 3 abc']);
      assert.deepEqual(bench.call(Eid.hsm, 2, 3n), [0n, 0n]);
    });

    it('says why it does not start one', () => {
      bench.harts[3]!.state = 'stopped';
      assert.deepEqual(bench.call(Eid.hsm, 0, 4n, RAM, 0n), [Status.invalidParam, 0n]);
      assert.deepEqual(bench.call(Eid.hsm, 0, ALL, RAM, 0n), [Status.invalidParam, 0n]);
      assert.deepEqual(bench.call(Eid.hsm, 0, 1n, RAM, 0n), [Status.alreadyAvailable, 0n]);
      for (const address of [0n, RAM + 1n, RAM + 0x10_0000n, 0xffff_ffff_8000_0000n]) {
        assert.deepEqual(bench.call(Eid.hsm, 0, 3n, address, 0n), [Status.invalidAddress, 0n]);
      }
      assert.equal(bench.harts[3]!.state, 'stopped');
    });

    it('stops the calling hart without an answer', () => {
      bench.callOn(1, Eid.hsm, 1);
      assert.equal(bench.harts[1]!.state, 'stopped');
      assert.equal(bench.harts[1]!.getX(11), 77n);
      assert.deepEqual(bench.call(Eid.hsm, 2, 1n), [0n, 1n]);
      assert.deepEqual(bench.call(Eid.hsm, 2, 4n), [Status.invalidParam, 0n]);
    });

    it('calls a hart in WFI started and one in suspend suspended', () => {
      bench.harts[1]!.state = 'waiting';
      assert.deepEqual(bench.call(Eid.hsm, 2, 1n), [0n, 0n]);
      bench.harts[1]!.state = 'suspended';
      assert.deepEqual(bench.call(Eid.hsm, 2, 1n), [0n, 4n]);
    });

    it('suspends with registers kept, to return success', () => {
      assert.deepEqual(bench.callOn(1, Eid.hsm, 3, 0n, 0n, 0n), [0n, 0n]);
      assert.equal(bench.harts[1]!.state, 'suspended');
    });

    it('suspends without keeping registers, and starts at the resume address when an enabled interrupt pends', () => {
      const hart = bench.harts[1]!;
      bench.callOn(1, Eid.hsm, 3, 0x8000_0000n, RAM + 0x40n, 0x99n);
      assert.equal(hart.state, 'suspended');
      bench.firmware.beforeTurn(hart);
      hart.csrs.set(MIP, 2n);
      bench.firmware.beforeTurn(hart);
      assert.deepEqual(hart.calls, [], 'pending, but not enabled');
      hart.csrs.set(MIE, 2n);
      bench.firmware.beforeTurn(hart);
      bench.firmware.beforeTurn(hart);
      assert.deepEqual(hart.calls, ['start 80000040 1 1 99']);
    });

    it('starts after such a suspend with its timer and the software interrupt that pends', () => {
      const hart = bench.harts[1]!;
      bench.callOn(1, Eid.hsm, 3, 0x8000_0000n, RAM + 0x40n, 0x99n);
      hart.stimecmp = 1234n;
      hart.csrs.set(SIP, 2n).set(MIP, 2n).set(MIE, 2n);
      hart.start = () => {
        hart.csrs.clear();
        hart.stimecmp = undefined;
      };
      bench.firmware.beforeTurn(hart);
      assert.deepEqual([hart.csrs.get(SIP), hart.csrs.get(STIMECMP)], [2n, 1234n]);
    });

    it('starts without a timer', () => {
      const [, one, two] = bench.harts;
      for (const hart of [one!, two!]) hart.state = 'stopped';
      two!.absentCsrs.add(STIMECMP);
      bench.call(Eid.hsm, 0, 1n, RAM, 0n);
      bench.call(Eid.hsm, 0, 2n, RAM, 0n);
      assert.equal(one!.csrs.get(STIMECMP), ALL);
      assert.deepEqual(bench.timers, [[2, ALL]]);
    });

    it('rejects suspend types that are reserved or of a platform, and resume addresses that are not RAM', () => {
      for (const type of [1n, 0x0fff_ffffn, 0x1000_0000n, 0x8000_0001n, 0x9000_0000n, 0xffff_ffffn]) {
        assert.deepEqual(bench.call(Eid.hsm, 3, type, RAM, 0n), [Status.invalidParam, 0n]);
      }
      assert.deepEqual(bench.call(Eid.hsm, 3, 0x8000_0000n, 0n, 0n), [Status.invalidAddress, 0n]);
      assert.equal(bench.harts[0]!.state, 'running');
    });
  });

  it('SRST powers off or resets, with code 1 for a failure, and rejects what it does not know', () => {
    for (const [type, reason] of [
      [3n, 0n],
      [0xf000_0000n, 0n],
      [0n, 2n],
      [0n, 0xe000_0000n],
      [1n << 32n, 0n],
      [0n, ALL - 0xffff_ffffn],
    ] as const) {
      assert.deepEqual(bench.call(Eid.srst, 0, type, reason), [Status.invalidParam, 0n]);
    }
    for (const [type, reason] of [
      [0n, 0n],
      [0n, 1n],
      [1n, 0n],
      [2n, 1n],
    ] as const) {
      bench.call(Eid.srst, 0, type, reason);
    }
    assert.deepEqual(bench.exits, [
      { kind: 'power-off', code: 0 },
      { kind: 'power-off', code: 1 },
      { kind: 'reset', code: 0 },
      { kind: 'reset', code: 1 },
    ]);
  });

  describe('DBCN', () => {
    it('writes bytes of physical memory, and single bytes', () => {
      bench.memory.write(Number(RAM) + 0x20, new TextEncoder().encode('hello'));
      assert.deepEqual(bench.call(Eid.dbcn, 0, 5n, RAM + 0x20n, 0n), [0n, 5n]);
      assert.deepEqual(bench.call(Eid.dbcn, 2, 0x121n), [0n, 0n]);
      assert.equal(bench.output, 'hello!');
    });

    it('reads no more than there is and than was asked for', () => {
      bench.input = [...Buffer.from('typed')];
      assert.deepEqual(bench.call(Eid.dbcn, 1, 3n, RAM, 0n), [0n, 3n]);
      assert.deepEqual(bench.call(Eid.dbcn, 1, 100n, RAM + 3n, 0n), [0n, 2n]);
      assert.deepEqual(bench.call(Eid.dbcn, 1, 100n, RAM, 0n), [0n, 0n]);
      assert.equal(Buffer.from(bench.memory.read(Number(RAM), 5)!).toString(), 'typed');
    });

    it('rejects memory that is not all RAM', () => {
      for (const [size, low, high] of [
        [1n, 0n, 0n],
        [2n, RAM + 0xf_ffffn, 0n],
        [1n, RAM, 1n],
        [ALL, RAM, 0n],
        [1n, ALL, 0n],
      ] as const) {
        assert.deepEqual(bench.call(Eid.dbcn, 0, size, low, high), [Status.invalidParam, 0n]);
        assert.deepEqual(bench.call(Eid.dbcn, 1, size, low, high), [Status.invalidParam, 0n]);
      }
      assert.equal(bench.output, '');
    });

    it('moves a long text in pieces', () => {
      assert.deepEqual(bench.call(Eid.dbcn, 0, 0x2_0000n, RAM, 0n), [0n, 0x1_0000n]);
    });
  });

  describe('legacy calls', () => {
    it('write and read the console and leave a1 alone', () => {
      assert.deepEqual(bench.call(1n, 0, 0x41n), [0n, 77n]);
      assert.equal(bench.output, 'A');
      bench.input = [0x42];
      assert.deepEqual(bench.call(2n, 0), [0x42n, 77n]);
      assert.deepEqual(bench.call(2n, 0), [-1n, 77n]);
    });

    it('set the timer, clear the software interrupt, and shut down', () => {
      assert.deepEqual(bench.call(0n, 0, 99n), [0n, 77n]);
      assert.equal(bench.harts[0]!.csrs.get(STIMECMP), 99n);
      bench.call(Eid.ipi, 0, 1n, 0n);
      bench.call(3n, 0);
      assert.equal(bench.harts[0]!.csrs.get(SIP), 0n);
      bench.call(8n, 0);
      assert.deepEqual(bench.exits, [{ kind: 'power-off', code: 0 }]);
    });

    it('send interrupts and fences to the harts of a mask in the caller’s memory', () => {
      const [caller, one, , three] = bench.harts;
      caller!.words.set(0x5000n, 0b1010n | (1n << 40n));
      assert.deepEqual(bench.call(4n, 0, 0x5000n), [0n, 77n]);
      assert.deepEqual(
        bench.harts.map((hart) => hart.csrs.get(SIP)),
        [undefined, 2n, undefined, 2n],
      );
      bench.call(5n, 0, 0x5000n);
      bench.call(6n, 0, 0x5000n, 0x1000n, 0x2000n);
      bench.call(7n, 0, 0x5000n, 0n, ALL, 9n);
      const fences = ['fenceI', 'fenceVma 4096 8192 undefined', 'fenceVma undefined undefined 9'];
      assert.deepEqual([one!.calls, three!.calls, caller!.calls], [fences, fences, []]);
    });

    it('take a null pointer to a mask as all harts', () => {
      bench.harts[2]!.state = 'stopped';
      assert.deepEqual(bench.call(5n, 0, 0n), [0n, 77n]);
      assert.deepEqual(
        bench.harts.map((hart) => hart.calls),
        [['fenceI'], ['fenceI'], [], ['fenceI']],
      );
    });

    it('give the caller the fault that reading its mask meets, and do nothing', () => {
      const hart = bench.harts[0]!;
      for (const eid of [4n, 5n, 6n, 7n]) {
        hart.setX(17, eid);
        hart.setX(10, 0x6000n);
        assert.deepEqual(bench.firmware.call(hart), { cause: 13, tval: 0x6000n });
        assert.equal(hart.getX(10), 0x6000n);
      }
      assert.deepEqual(bench.harts.map((one) => one.calls).flat(), []);
    });
  });
});
