/** Page-table walks of the sample kernel, in the emulator and in this process. */
import assert from 'node:assert/strict';
import { DapClient } from './dap-client.test-support';
import { sampleKernel, sampleSources } from './fake-target.test-support';

/** The faulting load of `__asm_copy_from_user`. */
const faultingLoad = '__asm_copy_from_user+0xa';

describe('page-table walks of the sample kernel', function () {
  this.timeout(30_000);
  let client: DapClient;

  beforeEach(() => (client = DapClient.inProcess()));
  afterEach(async () => {
    await client.send('disconnect');
    client.close();
  });

  async function stopAt(name: string, options: Record<string, unknown> = {}): Promise<void> {
    await client.launch({ program: sampleKernel, sourceFolders: [sampleSources], ...options }, () =>
      client.send('setFunctionBreakpoints', { breakpoints: [{ name }] }),
    );
    await client.stopped();
  }

  const evaluate = async (expression: string): Promise<string> =>
    (await client.send('evaluate', { expression, context: 'repl' })).result;

  /** What differs from build to build is left out. */
  const shape = (text: string): string => text.replace(/0x[\da-f]+/g, '0x…').replace(/ +/g, ' ');

  it('go level by level to the physical address, with flags, rights and PMP', async () => {
    await stopAt(faultingLoad);
    assert.equal(
      shape(await evaluate('walk pc')),
      [
        '0x… <__asm_copy_from_user+0x…>',
        'satp 0x… of hart 0: Sv39, ASID 0, root table at 0x…',
        '',
        'level table index entry at entry flags leads to',
        '2 0x… 510 0x… 0x… V ------- table 0x… (PPN 0x…)',
        '1 0x… 0 0x… 0x… V RWX-GAD page 0x… (PPN 0x…)',
        '',
        'physical 0x…, in a page of 2 MiB: [0x…, 0x…) → [0x…, 0x…)',
        'S-mode: load ok · store ok · fetch ok',
        'U-mode: every access is a page fault (U is 0)',
        'PMP: all allowed (pmp0, NAPOT [0x…, 0x…) RWX)',
      ].join('\n'),
    );
    // The kernel lies where its own link address says, moved as the boot moved it.
    const { levels, physical, pageSize } = await client.send('riscvUnwind/walkAddress', {
      address: 'handle_exception',
    });
    assert.equal(levels.length, 2);
    assert.equal(pageSize, 2 << 20);
    const bytes = async (memoryReference: string) =>
      (await client.send('readMemory', { memoryReference, count: 16 })).data;
    const link = (await evaluate('handle_exception')).split(' ')[0]!;
    assert.equal(BigInt(physical!), BigInt(link) - 0xffff_ffff_8000_0000n + 0x8020_0000n);
    assert.equal(await bytes(`phys:${physical!}`), await bytes(link));
  });

  it('say why an address is not mapped, and who may not use one that is', async () => {
    await stopAt(faultingLoad);
    assert.match(
      await evaluate('vtop 0x123456789abcdef'),
      /\n\nEvery access is a page fault: the address is not canonical: with Sv39, bits 63 to 39 must equal bit 38\.$/,
    );
    assert.match(
      await evaluate('walk 0x20000000'),
      /page fault at level \d: the entry is not valid \(V is 0\)\.$/,
    );
    assert.match(
      await evaluate('walk 0x10000'),
      /S-mode: load ok · store page fault \(W is 0\) · fetch page fault \(U is 1: S-mode never executes user pages\)/,
    );
    await evaluate('walk 0x10000 satp=satp');
    const error = await client.failure('riscvUnwind/walkAddress', { address: 'nothing_here' });
    assert.match(error.format, /^"nothing_here" is neither/);
  });

  it('take another satp, and know when there is no translation', async () => {
    await stopAt('relocate_enable_mmu');
    assert.match(
      await evaluate('walk pc'),
      /satp 0x0 of hart 0: bare: addresses are physical\nPMP: all allowed/,
    );
    const error = await client.failure('evaluate', { expression: 'info mappings', context: 'repl' });
    assert.equal(error.format, 'Hart 0 has no page tables: satp is bare: addresses are physical.');
    assert.match(
      await evaluate('walk 0x1000 satp=0x8000000000080000'),
      /Sv39, ASID 0, root table at 0x80000000/,
    );
    // There is no RAM at all where this satp points.
    const walk = await client.send('riscvUnwind/walkAddress', { address: '0', satp: '0x9000000000000001' });
    assert.deepEqual([walk.mode, walk.fault, walk.levels.length], ['Sv48', 'access', 1]);
    assert.match(walk.reason!, /^there is no memory at 0x1000, where the entry would be$/);
  });

  it('list what is mapped as ranges', async () => {
    await stopAt(faultingLoad);
    const rows = (await evaluate('info mappings')).split('\n');
    assert.match(rows[0]!, /^virtual +physical +size +flags$/);
    assert.match(rows.at(-1)!, /^0xffffffff80000000 {2}0x0080200000 {2}\d+ MiB +V RWX-GAD$/);
    assert.ok(
      rows.some((row) => /^0x0000000000010000 .* V R-XU/.test(row)),
      rows.join('\n'),
    );
    assert.equal((await evaluate('info mappings 0xffffffff80000000')).split('\n').length, 2);
  });
});
