/** Registers as the variables view and the console show and change them: the sample kernel in the emulator, in this process. */
import assert from 'node:assert/strict';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { DapClient } from './dap-client.test-support';
import { sampleKernel, sampleSources } from './fake-target.test-support';

describe('registers of the sample kernel', function () {
  this.timeout(30_000);
  let client: DapClient;

  beforeEach(async () => {
    client = DapClient.inProcess();
    await client.launch({ program: sampleKernel, sourceFolders: [sampleSources] }, () =>
      client.send('setFunctionBreakpoints', { breakpoints: [{ name: 'tour_kernel' }] }),
    );
    await client.stopped();
  });
  afterEach(async () => {
    await client.send('disconnect');
    client.close();
  });

  const evaluate = async (expression: string): Promise<string> =>
    (await client.send('evaluate', { expression, context: 'repl' })).result;

  async function variables(
    variablesReference: number,
    more: object = {},
  ): Promise<Map<string, Dap.Variable>> {
    const found = (await client.send('variables', { variablesReference, ...more })).variables;
    return new Map(found.map((variable) => [variable.name, variable]));
  }

  async function scope(name: string): Promise<number> {
    const { stackFrames } = await client.send('stackTrace', { threadId: 1 });
    const { scopes } = await client.send('scopes', { frameId: stackFrames[0]!.id });
    return scopes.find((candidate) => candidate.name.startsWith(name))!.variablesReference;
  }

  /** Opens variables below a scope by name, and gives what the last one has. */
  async function open(scopeName: string, ...names: readonly string[]): Promise<Map<string, Dap.Variable>> {
    let found = await variables(await scope(scopeName));
    for (const name of names) found = await variables(found.get(name)!.variablesReference);
    return found;
  }

  async function set(
    scopeName: string,
    path: readonly string[],
    name: string,
    value: string,
  ): Promise<string> {
    let reference = await scope(scopeName);
    for (const step of path) reference = (await variables(reference)).get(step)!.variablesReference;
    return (await client.send('setVariable', { variablesReference: reference, name, value })).value;
  }

  it('has the few CSRs of S-mode in one list, in the order of the manual, and the many of M-mode in groups', async () => {
    assert.deepEqual(
      [...(await open('Supervisor CSRs')).keys()].join(' '),
      'senvcfg sstatus sie stvec scounteren stimecmp sscratch sepc scause stval sip satp',
    );
    const machine = await open('Machine CSRs');
    assert.deepEqual(
      [...machine.keys()],
      [
        'Configuration',
        'Trap setup',
        'Counter setup',
        'Programmable counters',
        'Trap handling',
        'Memory protection',
        'Counters and timers',
        'Machine information',
      ],
    );
    assert.equal(machine.get('Trap setup')!.value, 'mstatus misa medeleg mideleg mie mtvec mcounteren');
    assert.equal((await open('Machine CSRs', 'Trap setup', 'mstatus')).get('MPP')!.value, '0x0 (user)');
    assert.ok((await open('Unprivileged CSRs', 'Floating point')).has('fcsr'));
  });

  it('decodes PMP entry by entry, and changes its fields', async () => {
    assert.match((await open('Machine CSRs')).get('Memory protection')!.value, /^1 of 16 entries is in use$/);
    const entries = await open('Machine CSRs', 'Memory protection');
    assert.equal(entries.get('pmp0')!.value, 'NAPOT [0x0, 0x200000000000000) RWX');
    assert.equal(entries.get('pmp1')!.value, 'OFF');
    const place = ['Memory protection', 'pmp1'];
    assert.equal(await set('Machine CSRs', place, 'A', 'top of range'), '0x1 (top of range)');
    assert.equal(await set('Machine CSRs', place, 'R', '1'), '0x1');
    await set('Machine CSRs', ['Memory protection'], 'pmpaddr0', '0x20000000');
    await set('Machine CSRs', ['Memory protection'], 'pmpaddr1', '0x20080000');
    const changed = await open('Machine CSRs', 'Memory protection');
    assert.equal(changed.get('pmp1')!.value, 'TOR [0x80000000, 0x80200000) R--');
    assert.equal(
      await evaluate('info csr pmpaddr1'),
      'pmpaddr1 = 0x20080000  Bits 55:2 of the end of a region',
    );
  });

  it('opens the page tables from satp on', async () => {
    const satp = await open('Supervisor CSRs', 'satp');
    assert.deepEqual([...satp.keys()], ['MODE', 'ASID', 'PPN', 'root table']);
    assert.equal(satp.get('MODE')!.value, '0x8 (Sv39)');
    const root = satp.get('root table')!;
    assert.match(root.value, /^0x80\w+, 3 levels$/);
    assert.match(root.memoryReference!, /^phys:0x80\w+$/);
    const tables = await open('Supervisor CSRs', 'satp', 'root table');
    const kernel = tables.get('[510] 0xffffffff80000000')!;
    assert.match(kernel.value, /^V ------- {2}table 0x\w+$/);
    const pages = await variables(kernel.variablesReference);
    assert.equal(pages.get('[0] 0xffffffff80000000')!.value, 'V RWX-GAD  2 MiB page 0x80200000');
    const error = await client.failure('setVariable', {
      variablesReference: kernel.variablesReference,
      name: '[0] 0xffffffff80000000',
      value: '0',
    });
    assert.match(error.format, /page tables are memory: change the entry in the memory view\.$/);
  });

  it('says what a CSR holds where the hart does not take what was written', async () => {
    assert.equal(await set('Supervisor CSRs', ['satp'], 'MODE', '5'), '0x8 (Sv39)');
    assert.equal(
      await set('Machine CSRs', ['Trap setup'], 'medeleg', '0xffffffff').then((value) => value.split(' ')[0]),
      '0xb3ff',
    );
    assert.equal(await set('Machine CSRs', ['Trap setup', 'mstatus'], 'MPP', 'machine'), '0x3 (machine)');
    assert.deepEqual(
      client
        .output('console')
        .split('\n')
        .filter((line) => line.includes('WARL')),
      [
        'satp.MODE is 0x8 (Sv39): the hart does not take 5 there (WARL).',
        'medeleg is 0xb3ff, not 0xffffffff: the hart takes only legal values (WARL).',
      ],
    );
  });

  it('takes a shown value back, with what stands behind the number', async () => {
    const { value } = (await open('Registers')).get('pc')!;
    assert.match(value, /^0x\w+ <tour_kernel/);
    assert.equal(await set('Registers', [], 'pc', value), value);
    assert.equal(await set('Registers', [], 'a0', '0b1010_0101'), '0xa5');
  });

  it('writes registers in the format that was chosen for them', async () => {
    await client.send('riscvUnwind/valueFormat', { format: 'decimal', register: 'a0' });
    assert.deepEqual((await client.event('invalidated')).body, { areas: ['variables'] });
    await set('Registers', [], 'a0', '-2');
    await set('Registers', [], 'a1', '-2');
    let registers = await open('Registers');
    assert.equal(registers.get('a0')!.value, '-2');
    assert.equal(registers.get('a1')!.value, '0xfffffffffffffffe');
    await client.send('riscvUnwind/valueFormat', { format: 'binary' });
    await set('Registers', [], 'a0', '0x1f');
    registers = await open('Registers');
    assert.equal(registers.get('a0')!.value, '0b0001_1111');
    assert.match((await open('Supervisor CSRs')).get('scause')!.value, /^0b\w+ \(/);
    const inHex = await variables(await scope('Registers'), { format: { hex: true } });
    assert.equal(inHex.get('a0')!.value, '0x1f');
    const error = await client.failure('riscvUnwind/valueFormat', { format: 'roman' });
    assert.match(error.format, /one of symbol, hex, decimal, unsigned, binary/);
  });

  it('shows a float register as double, single and bits, and writes each', async () => {
    await set('Float registers', ['fa0'], 'double', '1.5');
    assert.equal((await open('Float registers')).get('fa0')!.value, '1.5 (0x3ff8000000000000)');
    assert.equal(
      (await open('Float registers', 'fa0')).get('single')!.value,
      'nan (not boxed; the lower half is 0)',
    );
    assert.equal(await set('Float registers', ['fa0'], 'single', '2'), '2');
    assert.equal((await open('Float registers', 'fa0')).get('bits')!.value, '0xffffffff40000000');
    assert.equal(await set('Float registers', ['fa0'], 'bits', '0x3ff0000000000000'), '0x3ff0000000000000');
    assert.equal((await open('Float registers', 'fa0')).get('double')!.value, '1');
  });

  it('are printed by the console, with a mark where they have changed since the stop before', async () => {
    assert.match(await evaluate('info registers pc ra'), /^\* pc {2}0x\w+ <tour_kernel.*>\n[* ] ra {2}0x/);
    await client.send('stepIn', { threadId: 1, granularity: 'instruction' });
    await client.stopped();
    const rows = (await evaluate('info registers')).split('\n');
    assert.equal(rows.length, 32);
    assert.match(rows[0]!, /^\* pc /);
    assert.ok(
      rows.some((row) => row.startsWith('  gp ')),
      rows.join('\n'),
    );
    assert.match(await evaluate('info all-registers'), /^ {2}satp +0x8\w+ \[MODE=Sv39 PPN=0x\w+\]$/m);
    assert.match(await evaluate('info float'), /^ {2}ft0 {3}0 \(0x0\)$/m);
    const error = await client.failure('evaluate', { expression: 'info registers q0', context: 'repl' });
    assert.equal(error.format, "'q0' is no register of this hart: 'info csr' lists its CSRs.");
  });

  it('have their fields decoded by info csr', async () => {
    assert.match(
      await evaluate('info csr satp'),
      /^satp = 0x\w+ {2}Address translation\n {2}MODE {2}bits 63:60 {2}0x8 \(Sv39\) +How addresses are translated\n {2}ASID /,
    );
  });
});
