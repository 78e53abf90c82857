import assert from 'node:assert/strict';
import { guest } from './guest.test-support';
import { Machine } from './machine';
import { finish, MEMORY, poweredOff, runToEnd } from './machine.test-support';
import { EVENT_INDEX } from './devices/virtio/driver.test-support';
import { DATA, descriptor, diskProgram, notify, rings, startVirtio } from './virtio-guest.test-support';

describe('devices of the machine', () => {
  describe('disk', () => {
    const storeOf = (bytes: Uint8Array) => ({
      size: bytes.length,
      read: (offset: number, target: Uint8Array) => {
        target.set(bytes.subarray(offset, offset + target.length));
        return true;
      },
      write: (offset: number, data: Uint8Array) => {
        bytes.set(data, offset);
        return true;
      },
    });

    for (const write of [false, true]) {
      it(`reads back what it wrote, and ${write ? 'writes to' : 'leaves alone'} the image${write ? ' when told to' : ''}`, () => {
        const image = new Uint8Array(2048).fill(0x41);
        const { machine, stop } = runToEnd(diskProgram, { disks: [{ store: storeOf(image), write }] });
        assert.deepEqual(stop, poweredOff);
        const hart = machine.harts[0]!;
        assert.equal(hart.getX(19), 0x42n);
        assert.equal(hart.getX(20), 2n, 'PLIC source 1 is pending');
        assert.equal(image[512], write ? 0x42 : 0x41);
      });
    }

    it('shows in the digest what is written to it', () => {
      const digestWith = (skipWrite: boolean) => {
        const source = skipWrite
          ? diskProgram.replace('li t1,1\n  sw t1,0(s2)', 'li t1,4\n  sw t1,0(s2)')
          : diskProgram;
        assert.notEqual(source === diskProgram, skipWrite);
        const machine = new Machine({
          image: guest(source).image,
          memory: MEMORY,
          disks: [{ store: storeOf(new Uint8Array(2048).fill(0x41)) }],
        });
        machine.run({ budget: 1_000_000 });
        // What the guest itself remembers of it must not tell.
        machine.writePhysical(0x8000_0000, new Uint8Array(MEMORY));
        machine.harts[0]!.setX(19, 0n);
        return machine.digest();
      };
      assert.equal(digestWith(false), digestWith(false));
      assert.notEqual(digestWith(false), digestWith(true));
    });
  });

  it('are in the same state however the run is sliced', () => {
    const digestOf = (slice: number) => {
      const machine = new Machine({
        image: guest(diskProgram).image,
        memory: MEMORY,
        disks: [{ store: { size: 2048, read: () => true } }],
      });
      while (machine.run({ budget: slice }).kind === 'budget');
      return machine.digest();
    };
    const whole = digestOf(1_000_000);
    for (const slice of [1, 2, 7, 50]) assert.equal(digestOf(slice), whole);
  });

  describe('consoles', () => {
    const type = (machine: Machine, text: string) => machine.sendConsoleInput(new TextEncoder().encode(text));

    it('sends input to the one that the guest wrote to last', () => {
      const machine = new Machine({
        memory: MEMORY,
        image: guest(`
          ${startVirtio(0x1000_7000)}
          ${notify()}
          li s3,0x10000000
          loop:
          lbu t0,5(s3)
          andi t0,t0,1
          beqz t0,loop
          lbu s4,0(s3)
          li t0,${'v'.charCodeAt(0)}
          sw t0,0x108(s1)
          virtio:
          la t0,used
          lhu t1,2(t0)
          beqz t1,virtio
          ${finish('zero')}
          ${rings(descriptor(DATA, 8, 2))}`).image,
      });
      let output = '';
      machine.onConsoleOutput = (bytes) => (output += Buffer.from(bytes).toString());
      type(machine, 'u');
      machine.run({ budget: 1000 });
      assert.equal(output, 'v');
      type(machine, 'xyz');
      assert.deepEqual(machine.run({ budget: 1000 }), poweredOff);
      assert.equal(machine.harts[0]!.getX(20), BigInt('u'.charCodeAt(0)));
      assert.equal(Buffer.from(machine.readPhysical(DATA, 3)!).toString(), 'xyz');
    });
  });

  describe('real-time clock', () => {
    const program = (ahead: number) => `
      li s0,0x101000
      lw s1,0(s0)
      lw s2,4(s0)
      slli s2,s2,32
      slli s1,s1,32
      srli s1,s1,32
      or s1,s1,s2
      li t0,${ahead}
      add t0,t0,s1
      srli t1,t0,32
      sw t1,0xc(s0)
      sw t0,0x8(s0)
      li t0,1
      sw t0,0x10(s0)
      li t0,0xc000000
      li t1,1
      sw t1,44(t0)
      li t0,0xc002080
      li t1,0x800
      sw t1,0(t0)
      li t0,0x200
      csrw sie,t0
      rdtime s3
      wfi
      rdtime s4
      li t0,0xc201004
      lw s5,0(t0)
      sub s4,s4,s3
      ${finish('zero')}`;

    it('shows the configured time and wakes a hart that waits for its alarm', () => {
      const epoch = Date.UTC(2001, 2, 3, 4, 5, 6);
      const { machine, stop } = runToEnd(program(3_000_000), { epoch });
      assert.deepEqual(stop, poweredOff);
      const [hart] = machine.harts;
      const shown = hart!.getX(9) - BigInt(epoch) * 1_000_000n;
      assert.ok(shown >= 0n && shown < 10_000n);
      assert.equal(hart!.getX(21), 11n, 'the interrupt of the clock');
      const waited = hart!.getX(20);
      assert.ok(waited > 29_980n && waited <= 30_001n, `${waited} ticks`);
    });

    it('is never what the host says', () => {
      const shown = () => runToEnd(program(1_000)).machine.digest();
      assert.equal(shown(), shown());
    });
  });

  it('has the features of modern virtio in the slots of the console and the entropy device, and the other slots empty', () => {
    const slots = Array.from({ length: 8 }, (_, slot) => {
      const { machine } = runToEnd(`
        li s1,${0x1000_1000 + slot * 0x1000}
        lw s2,8(s1)
        lw s3,0x10(s1)
        ${finish('zero')}`);
      const [hart] = machine.harts;
      if (slot >= 6) assert.equal(hart!.getX(19) & EVENT_INDEX, EVENT_INDEX);
      return Number(hart!.getX(18));
    });
    assert.deepEqual(slots, [0, 0, 0, 0, 0, 0, 3, 4]);
  });
});
