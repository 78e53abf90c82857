import assert from 'node:assert/strict';
import type { RunStop, Watchpoint } from './api';
import { guest } from './guest.test-support';
import { Machine } from './machine';
import { MEMORY, sbi, Sbi } from './machine.test-support';

const DATA = 0x8010_0000;

type Memory = Partial<Extract<Watchpoint, { kind: 'memory' }>>;

const memory = (address: number, length: number, rest: Memory = {}): Watchpoint => ({
  kind: 'memory',
  id: 1,
  space: 'virtual',
  address: BigInt(address),
  length,
  access: 'write',
  ...rest,
});
const csr = (number: number, access: 'write' | 'change' = 'write'): Watchpoint => ({
  kind: 'csr',
  id: 7,
  csr: number,
  access,
});

/** Labels may stand before an instruction. */
const assembled = (source: string) => guest(source.replace(/^(\s*\w+:) +/gm, '$1\n'));

interface Subject {
  readonly machine: Machine;
  readonly labels: ReadonlyMap<string, bigint>;
}

/** A machine that starts in M-mode with s0 = DATA, and goes round for ever behind its code. */
function build(source: string, watchpoints: readonly Watchpoint[], translate = false): Subject {
  const { image, labels } = assembled(`li s0,${DATA}\n${source}\nend: j end`);
  const machine = new Machine({ image, memory: MEMORY, firmware: 'none', translate }, 0);
  machine.setWatchpoints(watchpoints);
  return { machine, labels };
}

/** All stops up to the end, in short. */
function stops(source: string, watchpoints: readonly Watchpoint[], translate = false): string[] {
  const { machine, labels } = build(source, watchpoints, translate);
  const seen: string[] = [];
  for (let left = 2000; left > 0; left--) {
    const stop = machine.run({ budget: 3000 });
    if (stop.kind === 'budget') return seen;
    seen.push(describe_(stop, machine, labels));
  }
  return seen;
}

function describe_(stop: RunStop, machine: Machine, labels: ReadonlyMap<string, bigint>): string {
  if (stop.kind !== 'watch') return stop.kind;
  return stop.hits
    .map((hit) => {
      const label = [...labels].find(([, address]) => address === hit.pc)?.[0] ?? hit.pc?.toString(16);
      const behind = hit.hart === undefined ? 0n : machine.harts[hit.hart]!.pc - hit.pc!;
      const where = `${label}+${behind}`;
      if (hit.kind === 'csr')
        return `${where} csr ${hit.written.toString(16)}: ${hit.old.toString(16)} -> ${hit.new.toString(16)}`;
      const hex = (bytes: Uint8Array | undefined) => (bytes ? Buffer.from(bytes).toString('hex') : '?');
      const place = `${hit.address?.toString(16) ?? '-'} (${hit.physical.toString(16)}) size ${hit.size}`;
      return `${where} ${hit.by} ${hit.access} ${place} at ${hit.offset}: ${hex(hit.old)} -> ${hex(hit.new)}`;
    })
    .join(' and ');
}

describe('watchpoints', () => {
  it('stop behind the store, with what was there before', () => {
    const source = 'li a0,0x1234\nstore: sd a0,8(s0)\nsd a0,16(s0)\nsd a0,0(s0)';
    assert.deepEqual(stops(source, [memory(DATA + 8, 8)]), [
      'store+4 hart write 80100008 (80100008) size 8 at 0: 0000000000000000 -> 3412000000000000',
    ]);
  });

  it('tell the watched bytes of an access that is larger, or begins before', () => {
    const source = 'li a0,-1\nstore: sd a0,0(s0)';
    assert.deepEqual(stops(source, [memory(DATA + 6, 4)]), [
      'store+4 hart write 80100000 (80100000) size 8 at 0: 0000 -> ffff',
    ]);
  });

  it('see reads, and writes only if they are to', () => {
    const source = 'store: sw s0,0(s0)\nload: lhu a0,2(s0)';
    assert.deepEqual(stops(source, [memory(DATA, 4, { access: 'read' })]), [
      'load+4 hart read 80100002 (80100002) size 2 at 2: 1080 -> 1080',
    ]);
    assert.equal(stops(source, [memory(DATA, 4, { access: 'read-write' })]).length, 2);
  });

  it('see changes, and no store of what is there already', () => {
    const source = 'li a0,5\nfirst: sw a0,0(s0)\nsw a0,0(s0)\nli a0,6\nsecond: sw a0,0(s0)';
    assert.deepEqual(stops(source, [memory(DATA, 4, { access: 'change' })]), [
      'first+4 hart write 80100000 (80100000) size 4 at 0: 00000000 -> 05000000',
      'second+4 hart write 80100000 (80100000) size 4 at 0: 05000000 -> 06000000',
    ]);
  });

  it('see both sides of an atomic, once', () => {
    const source = 'li a0,3\namo: amoadd.w a1,a0,(s0)';
    assert.deepEqual(stops(source, [memory(DATA, 4, { access: 'change' })]), [
      'amo+4 hart read-write 80100000 (80100000) size 4 at 0: 00000000 -> 03000000',
    ]);
    assert.equal(stops(source, [memory(DATA, 4, { access: 'read' })]).length, 1);
    const unchanged = 'amo: amoadd.w a1,zero,(s0)';
    assert.equal(stops(unchanged, [memory(DATA, 4, { access: 'change' })]).length, 0);
    assert.equal(stops(unchanged, [memory(DATA, 4)]).length, 1);
  });

  it('see load-reserved as a read and store-conditional as a write, if it stores', () => {
    const source = 'load: lr.d a0,(s0)\nli a1,1\nstore: sc.d a2,a1,(s0)\nfails: sc.d a2,a1,(s0)';
    assert.deepEqual(stops(source, [memory(DATA, 8, { access: 'read-write' })]), [
      'load+4 hart read 80100000 (80100000) size 8 at 0: 0000000000000000 -> 0000000000000000',
      'store+4 hart write 80100000 (80100000) size 8 at 0: 0000000000000000 -> 0100000000000000',
    ]);
  });

  it('see floating-point and compressed accesses, and blocks of zeros', () => {
    // c.sd a0,0(s0) and what fills the doubleword.
    const source = `
      li t0,0x6000
      csrs mstatus,t0
      li a0,7
      compressed: .dword 0x000000130001e008
      load: fld fa0,0(s0)
      store: fsw fa0,4(s0)
      li t0,0xf0
      csrw menvcfg,t0
      zero: cbo.zero (s0)`;
    assert.deepEqual(stops(source, [memory(DATA + 4, 4, { access: 'read-write' })]), [
      'compressed+2 hart write 80100000 (80100000) size 8 at 0: 00000000 -> 00000000',
      'load+4 hart read 80100000 (80100000) size 8 at 0: 00000000 -> 00000000',
      'store+4 hart write 80100004 (80100004) size 4 at 0: 00000000 -> 07000000',
      'zero+4 hart write 80100000 (80100000) size 64 at 0: 07000000 -> 00000000',
    ]);
  });

  it('see the part of an access in each of two pages', () => {
    const source = 'li a0,-1\nli s1,4096\nadd s0,s0,s1\nstore: sd a0,-3(s0)';
    assert.deepEqual(stops(source, [memory(DATA + 4094, 4)]), [
      'store+4 hart write 80100ffd (80100ffd) size 3 at 0: 0000 -> ffff and ' +
        'store+4 hart write 80101000 (80101000) size 5 at 2: 0000 -> ffff',
    ]);
  });

  it('see no access that faults', () => {
    const source = `
      la t0,handler
      csrw mtvec,t0
      li s0,0x80
      sd s0,0(s0)
      j end
      .align 4
      handler: csrr t0,mepc
      addi t0,t0,4
      csrw mepc,t0
      mret`;
    assert.deepEqual(stops(source, [memory(0x80, 8), memory(0x80, 8, { space: 'physical', id: 2 })]), []);
  });

  it('see the registers of devices, where nothing is read before', () => {
    const source = 'li t0,0x10000000\nli t1,3\nstore: sb t1,7(t0)\nload: lbu a0,7(t0)';
    assert.deepEqual(stops(source, [memory(0x1000_0007, 1, { space: 'physical', access: 'read-write' })]), [
      'store+4 hart write 10000007 (10000007) size 1 at 0: ? -> 03',
      'load+4 hart read 10000007 (10000007) size 1 at 0: 03 -> 03',
    ]);
  });

  it('leave no slower way out: all accesses of translated code, with and without neighbours', () => {
    const source = `
      li s1,500
      loop: addi s1,s1,-1
      sd s1,8(s0)
      sd s1,16(s0)
      ld a0,24(s0)
      ld a1,8(s0)
      bnez s1,loop
      last: sd s1,24(s0)`;
    const { machine } = build(source, [memory(DATA + 24, 8)], true);
    assert.equal(machine.run({ budget: 100_000 }).kind, 'watch');
    const stop = machine.run({ budget: 1000 });
    assert.equal(stop.kind, 'budget');
    assert.equal(stops(source, [memory(DATA + 8, 8)], true).length, 500);
    assert.equal(stops(source, [memory(DATA + 8, 8, { access: 'read' })], true).length, 500);
    assert.equal(stops(source, [memory(DATA + 24, 1, { access: 'read' })], true).length, 500);
  });

  it('by virtual address see it in every address space, physical ones by whatever address', () => {
    // 1 GiB pages: 0x4000_0000 and 0x8000_0000 are both RAM.
    const source = `
      li t0,${DATA + 0x1000}
      li t1,0x200000cf
      sd t1,8(t0)
      sd t1,16(t0)
      li t1,${(8n << 60n) | BigInt((DATA + 0x1000) / 4096)}
      csrw satp,t1
      li t1,-1
      csrw pmpaddr0,t1
      li t1,0x1f
      csrw pmpcfg0,t1
      li t1,0x1800
      csrc mstatus,t1
      li t1,0x800
      csrs mstatus,t1
      la t0,supervisor
      csrw mepc,t0
      mret
      supervisor: li t0,0x40100000
      aliased: sw t0,0(t0)
      direct: sw s0,0(s0)`;
    assert.deepEqual(stops(source, [memory(0x4010_0000, 4)]), [
      'aliased+4 hart write 40100000 (80100000) size 4 at 0: 00000000 -> 00001040',
    ]);
    assert.deepEqual(stops(source, [memory(DATA, 4, { space: 'physical' })]), [
      'aliased+4 hart write 40100000 (80100000) size 4 at 0: 00000000 -> 00001040',
      'direct+4 hart write 80100000 (80100000) size 4 at 0: 00001040 -> 00001080',
    ]);
  });

  it('see what firmware writes for an ecall, and not what a debugger does', () => {
    const { image, labels } = assembled(`
      li a0,4
      li a1,${DATA}
      li a2,0
      li a7,${Sbi.dbcn}
      li a6,1
      call: ecall
      end: j end`);
    const machine = new Machine({ image, memory: MEMORY });
    machine.sendConsoleInput(Buffer.from('ab'));
    machine.setWatchpoints([memory(DATA, 8, { space: 'physical' })]);
    machine.writePhysical(DATA, Uint8Array.of(1, 2));
    assert.equal(
      describe_(machine.run({ budget: 100 }), machine, labels),
      'call+4 firmware write - (80100000) size 2 at 0: 0102 -> 6162',
    );
    assert.equal(machine.run({ budget: 100 }).kind, 'budget');
    assert.match(sbi(Sbi.dbcn, 1), /ecall/);
  });

  it('see what is written to a CSR, named by another one too', () => {
    const source = `
      li t0,0x80
      write: csrw sscratch,t0
      same: csrw sscratch,t0
      csrr t1,sscratch
      set: csrsi mstatus,2
      quiet: csrci sstatus,2`;
    assert.deepEqual(stops(source, [csr(0x140)]), ['write+4 csr 140: 0 -> 80', 'same+4 csr 140: 80 -> 80']);
    assert.equal(stops(source, [csr(0x140, 'change')]).length, 1);
    assert.deepEqual(stops(source, [csr(0x100)]), [
      'set+4 csr 300: 200000000 -> 200000002',
      'quiet+4 csr 100: 200000002 -> 200000000',
    ]);
  });

  it('see floating-point CSRs and sstatus in translated code, from when they are watched on', () => {
    const source = `
      li t0,0x6000
      csrs mstatus,t0
      li s1,300
      loop: addi s1,s1,-1
      andi t0,s1,1
      mode: fsrm t0
      status: csrsi sstatus,2
      csrci sstatus,2
      bnez s1,loop`;
    const { machine, labels } = build(source, [], true);
    machine.run({ budget: 900 });
    machine.setWatchpoints([csr(3)]);
    const stop = machine.run({ budget: 100 });
    assert.match(describe_(stop, machine, labels), /^mode\+4 csr 2: (0 -> 20|20 -> 0)$/);
    machine.setWatchpoints([csr(0x100, 'change')]);
    assert.match(describe_(machine.run({ budget: 100 }), machine, labels), /^status\+4 csr 100: /);
    machine.setWatchpoints([]);
    assert.equal(machine.run({ budget: 3000 }).kind, 'budget');
  });

  it('do not hide a breakpoint behind the instruction', () => {
    const { machine, labels } = build('store: sw s0,0(s0)\nnext: nop', [memory(DATA, 4)]);
    const next = labels.get('next')!;
    machine.setBreakpoints([next]);
    assert.equal(machine.run({ budget: 100 }).kind, 'watch');
    assert.deepEqual(machine.run({ budget: 100 }), { kind: 'breakpoint', hart: 0, pc: next });
  });

  it('end a step of more instructions where the access is', () => {
    const { machine } = build('nop\nstore: sw s0,0(s0)\nnop\nnop', [memory(DATA, 4)]);
    const step = { hart: 0, instructions: 50 };
    assert.equal(machine.run({ budget: 100, step }).kind, 'watch');
  });
});
