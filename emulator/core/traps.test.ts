import assert from 'node:assert/strict';
import { Privilege } from '../api';
import { assemble } from '../isa/assemble';
import { InterruptLine } from './api';
import { RAM_BASE } from './guest-memory';
import { TestHart } from './test-hart.test-support';

const { user, supervisor, machine } = Privilege;
const START = BigInt(RAM_BASE);
const HANDLER = START + 0x4000n;
const SUPERVISOR_HANDLER = START + 0x5000n;
const NOTHING_THERE = 0x1000_0000n;

/** A hart at `source` with the given privilege, handlers set, memory open to all. */
function prepare(source: string, privilege: Privilege = machine): TestHart {
  const test = new TestHart();
  test.load(source);
  test.setCsr('pmpaddr0', (1n << 54n) - 1n);
  test.setCsr('pmpcfg0', 0x1fn);
  test.setCsr('mtvec', HANDLER);
  test.setCsr('stvec', SUPERVISOR_HANDLER);
  test.enter(privilege, START);
  return test;
}

function assertMachineTrap(test: TestHart, cause: bigint, tval: bigint, epc = START): void {
  const hex = (value: bigint) => `0x${value.toString(16)}`;
  const seen = { cause: hex(test.csr('mcause')), tval: hex(test.csr('mtval')), epc: hex(test.csr('mepc')) };
  assert.deepEqual(seen, { cause: hex(cause), tval: hex(tval), epc: hex(epc) });
  assert.equal(test.hart.pc, HANDLER);
  assert.equal(test.hart.privilege, machine);
}

describe('mip', () => {
  it('is set and cleared bit by bit without latching the lines that are high', () => {
    const test = prepare('csrrs a0,mip,t0\ncsrrc a1,mip,t0\ncsrr a2,mip');
    test.hart.setX(5, 1n << 5n);
    test.hart.setInterruptLine(InterruptLine.supervisorExternal, true);
    test.step();
    test.step();
    assert.equal(test.hart.getX(10), 1n << 9n, 'the line is read');
    assert.equal(test.hart.getX(11), (1n << 9n) | (1n << 5n));
    test.hart.setInterruptLine(InterruptLine.supervisorExternal, false);
    test.step();
    assert.equal(test.hart.getX(12), 0n);
  });
});

describe('exceptions', () => {
  const none = BigInt(assemble('csrr a0,0x5c0')!);
  const cases: readonly [what: string, source: string, privilege: Privilege, cause: bigint, tval: bigint][] =
    [
      ['an unknown CSR', 'csrr a0,0x5c0', machine, 2n, none],
      ['an unknown instruction', '.dword 0x57', machine, 2n, 0x57n],
      ['an unknown compressed instruction', '.dword 0x12002000', machine, 2n, 0x2000n],
      ['a write to a read-only CSR', 'csrw mhartid,a0', machine, 2n, BigInt(assemble('csrw mhartid,a0')!)],
      ['a machine CSR in S-mode', 'csrr a0,mstatus', supervisor, 2n, BigInt(assemble('csrr a0,mstatus')!)],
      ['a supervisor CSR in U-mode', 'csrr a0,sstatus', user, 2n, BigInt(assemble('csrr a0,sstatus')!)],
      ['mret in S-mode', 'mret', supervisor, 2n, 0x3020_0073n],
      ['sret in U-mode', 'sret', user, 2n, 0x1020_0073n],
      ['wfi in U-mode', 'wfi', user, 2n, 0x1050_0073n],
      ['sfence.vma in U-mode', 'sfence.vma', user, 2n, 0x1200_0073n],
      ['cycle without mcounteren', 'rdcycle a0', supervisor, 2n, BigInt(assemble('rdcycle a0')!)],
      [
        'stimecmp without menvcfg.STCE',
        'csrr a0,stimecmp',
        supervisor,
        2n,
        BigInt(assemble('csrr a0,stimecmp')!),
      ],
      ['ebreak', 'ebreak', machine, 3n, START],
      ['ecall from U-mode', 'ecall', user, 8n, 0n],
      ['ecall from S-mode', 'ecall', supervisor, 9n, 0n],
      ['ecall from M-mode', 'ecall', machine, 11n, 0n],
      ['a load from nowhere', 'ld a0,8(a1)', machine, 5n, NOTHING_THERE + 8n],
      ['a store to nowhere', 'sw a0,-4(a1)', machine, 7n, NOTHING_THERE - 4n],
      ['an AMO to nowhere', 'amoadd.w a0,a2,(a1)', machine, 7n, NOTHING_THERE],
      ['a misaligned AMO', 'amoadd.d a0,a2,(a3)', machine, 6n, START + 0x804n],
      ['a misaligned LR', 'lr.w a0,(a4)', machine, 4n, START + 0x802n],
      ['a misaligned SC', 'sc.w a0,a2,(a4)', machine, 6n, START + 0x802n],
    ];
  for (const [what, source, privilege, cause, tval] of cases) {
    it(`are exact for ${what}`, () => {
      const test = prepare(source, privilege);
      const before = test.hart.instret;
      test.hart.setX(10, 77n);
      test.hart.setX(11, NOTHING_THERE);
      test.hart.setX(13, START + 0x804n);
      test.hart.setX(14, START + 0x802n);
      test.step();
      assertMachineTrap(test, cause, tval);
      assert.equal(test.hart.getX(10), 77n, 'no effect');
      assert.equal(test.hart.instret, before + 1);
      assert.deepEqual(test.hart.lastTrap, {
        hart: 0,
        cause,
        epc: START,
        tval,
        from: privilege,
        to: machine,
      });
    });
  }

  it('are exact for a jump to nowhere: the jump completes, the fetch faults', () => {
    const test = prepare('jalr ra,0(a1)');
    test.hart.setX(11, NOTHING_THERE);
    test.step();
    assert.equal(test.hart.pc, NOTHING_THERE);
    assert.equal(test.hart.getX(1), START + 4n);
    test.step();
    assertMachineTrap(test, 1n, NOTHING_THERE, NOTHING_THERE);
  });

  it('go to S-mode if delegated, but never from M-mode', () => {
    for (const privilege of [user, supervisor]) {
      const test = prepare('ebreak', privilege);
      test.setCsr('medeleg', 1n << 3n);
      test.setCsr('sstatus', 2n); // SIE
      test.step();
      assert.equal(test.hart.pc, SUPERVISOR_HANDLER);
      assert.equal(test.hart.privilege, supervisor);
      assert.equal(test.csr('scause'), 3n);
      assert.equal(test.csr('sepc'), START);
      const status = Number(test.csr('sstatus') & 0x122n);
      assert.equal(status, 0x20 | (privilege === supervisor ? 0x100 : 0), 'SPIE = SIE, SIE = 0, SPP');
    }
    const test = prepare('ebreak', machine);
    test.setCsr('medeleg', 1n << 3n);
    test.step();
    assertMachineTrap(test, 3n, START);
  });

  it('that TSR, TVM and TW ask for are illegal instructions in S-mode', () => {
    const traps = { sret: 1n << 22n, 'sfence.vma': 1n << 20n, 'csrr a0,satp': 1n << 20n, wfi: 1n << 21n };
    for (const [source, bit] of Object.entries(traps)) {
      const test = prepare(source, supervisor);
      test.setCsr('mstatus', test.csr('mstatus') | bit);
      test.step();
      assertMachineTrap(test, 2n, BigInt(assemble(source)!));
    }
  });

  it('use up the budget even if the handler cannot be fetched', () => {
    const test = prepare('ebreak');
    test.setCsr('mtvec', NOTHING_THERE);
    const before = test.hart.instret;
    assert.deepEqual(test.hart.run(1000), { kind: 'budget' });
    assert.equal(test.hart.instret, before + 1000);
  });

  it('are reported when the trap filter wants them, after they were taken', () => {
    const test = prepare('ecall', user);
    test.core.trapFilter = { exceptionsFromUser: 1n << 8n, exceptionsFromKernel: 0n, interrupts: 0n };
    const stop = test.hart.run(100);
    assert.deepEqual(stop, { kind: 'trap', trap: test.hart.lastTrap });
    assert.equal(test.hart.pc, HANDLER);
  });
});

describe('trap returns', () => {
  it('restore privilege and interrupt enable, and mret clears MPRV when it leaves M-mode', () => {
    const test = prepare('mret');
    test.setCsr('mstatus', (1n << 17n) | (1n << 11n) | (1n << 7n)); // MPRV, MPP = S, MPIE
    test.setCsr('mepc', START + 0x101n);
    test.step();
    assert.equal(test.hart.privilege, supervisor);
    assert.equal(test.hart.pc, START + 0x100n);
    const bits = test.csr('mstatus') & 0xf_ffffn;
    assert.equal(bits, (1n << 7n) | (1n << 3n), 'MPIE = 1, MIE = MPIE, MPP = U, MPRV = 0');
  });

  it('sret goes back to the mode in SPP', () => {
    const test = prepare('sret', supervisor);
    test.setCsr('sstatus', 0x20n);
    test.setCsr('sepc', START + 0x200n);
    test.step();
    assert.equal(test.hart.privilege, user);
    assert.equal(test.csr('sstatus') & 0x122n, 0x22n);
  });
});

describe('interrupts', () => {
  const all = 0xaaan;
  const raise = (test: TestHart) =>
    Object.values(InterruptLine).forEach((line) => test.hart.setInterruptLine(line, true));
  const code = (cause: bigint) => {
    assert.ok(cause >> 63n);
    return Number(cause & 63n);
  };

  it('are taken in the order of the manual, before the next instruction', () => {
    const test = prepare('nop');
    test.setCsr('mie', all);
    raise(test);
    const order: number[] = [];
    for (let count = 0; count < 6; count++) {
      test.setCsr('mstatus', 8n); // MIE
      test.step();
      order.push(code(test.csr('mcause')));
      test.hart.setInterruptLine(order.at(-1)! as InterruptLine, false);
    }
    assert.deepEqual(order, [11, 3, 7, 9, 1, 5]);
  });

  it('for S-mode wait in M-mode and while SIE is clear, and come in U-mode whatever SIE is', () => {
    for (const [privilege, sie, taken] of [
      [machine, 1, false],
      [supervisor, 0, false],
      [supervisor, 1, true],
      [user, 0, true],
    ] as const) {
      const test = prepare('nop', privilege);
      test.setCsr('mideleg', 0x222n);
      test.setCsr('mie', 0x222n);
      test.setCsr('sstatus', sie ? 2n : 0n);
      test.hart.setInterruptLine(InterruptLine.supervisorTimer, true);
      test.step();
      assert.equal(test.hart.pc, taken ? SUPERVISOR_HANDLER : START + 4n);
    }
  });

  it('go through vectors if the mode says so, exceptions do not', () => {
    const test = prepare('ebreak');
    test.setCsr('mtvec', HANDLER | 1n);
    test.setCsr('mie', 0x80n);
    test.step();
    assert.equal(test.hart.pc, HANDLER);
    test.hart.setInterruptLine(InterruptLine.machineTimer, true);
    test.setCsr('mstatus', 8n);
    test.step();
    assert.equal(test.hart.pc, HANDLER + 28n);
  });

  it('wake from wfi even if they are not to be taken', () => {
    const test = prepare('wfi\nnop');
    test.setCsr('mie', 0x80n);
    assert.deepEqual(test.hart.run(10), { kind: 'idle' });
    assert.equal(test.hart.state, 'waiting');
    assert.equal(test.hart.pc, START + 4n);
    test.hart.setInterruptLine(InterruptLine.machineTimer, true);
    test.step();
    assert.equal(test.hart.pc, START + 8n);
  });

  it('stay pending while a debugger holds them', () => {
    const test = prepare('nop\nnop');
    test.setCsr('mie', 0x80n);
    test.setCsr('mstatus', 8n);
    test.hart.setInterruptLine(InterruptLine.machineTimer, true);
    test.hart.holdInterrupts = true;
    test.step();
    assert.equal(test.hart.pc, START + 4n);
    test.hart.holdInterrupts = false;
    test.step();
    assert.equal(test.hart.pc, HANDLER);
    assert.equal(test.csr('mepc'), START + 4n);
  });

  it('are seen at once when a CSR write enables them', () => {
    const test = prepare('csrsi mstatus,8\nnop');
    test.setCsr('mie', 0x80n);
    test.hart.setInterruptLine(InterruptLine.machineTimer, true);
    test.step(2);
    assert.equal(test.csr('mepc'), START + 4n);
    assert.equal(test.hart.pc, HANDLER);
  });
});
