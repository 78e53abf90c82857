/** What the disassembly view says beside the instructions: the sample kernel in memory, on a machine that stands still. */
import assert from 'node:assert/strict';
import { DapClient } from './dap-client.test-support';
import {
  fakeLauncher,
  sampleKernel,
  sampleSources,
  symbolAddress,
  type FakeTarget,
} from './fake-target.test-support';

describe('comments of the disassembly', () => {
  let client: DapClient;
  let target: FakeTarget;
  const handler = symbolAddress('handle_exception');

  beforeEach(async () => {
    const launcher = fakeLauncher();
    client = DapClient.inProcess({ launch: launcher.launch });
    await client.launch({ program: sampleKernel, sourceFolders: [sampleSources], stopOnEntry: true });
    await client.stopped();
    target = launcher.targets[0]!;
  });
  afterEach(() => client.close());

  async function rows(address: bigint, count: number, more: object = {}) {
    const { instructions } = await client.send('disassemble', {
      memoryReference: `0x${address.toString(16)}`,
      instructionCount: count,
      ...more,
    });
    return instructions.map(({ instruction }) => instruction);
  }

  /** Little-endian words of two or four bytes, over the code of handle_exception and beyond. */
  function write(address: bigint, ...parts: readonly (readonly [length: 2 | 4, bits: number])[]): void {
    const bytes = parts.flatMap(([length, bits]) =>
      Array.from({ length }, (_, i) => (bits >>> (8 * i)) & 0xff),
    );
    target.harts[0]!.writeMemory(address, Uint8Array.from(bytes));
  }

  it('name where branches, jumps and calls go', async () => {
    const text = (await rows(handler, 12)).join('\n');
    assert.match(text, /^<handle_exception>: csrrw tp,sscratch,tp$/m);
    assert.match(text, /^bnez tp,0x\w+ {2}# handle_exception\+0x22$/m);
    assert.match(text, /^bnez sp,0x\w+ {2}# handle_kernel_stack_overflow$/m);
  });

  it('give the address that auipc makes with addi, a load, a store or jalr', async () => {
    const at = handler + 0x40n;
    // auipc a0,0x0; addi a1,a0,-64; ld a2,-64(a0); sd a2,0(a1); jalr ra,-64(a0); mv a3,a0
    write(
      at,
      [4, 0x517],
      [4, 0xfc05_0593],
      [4, 0xfc05_3603],
      [4, 0x00c5_b023],
      [4, 0xfc05_00e7],
      [2, 0x86aa],
    );
    const shown = (await rows(at, 6)).map((row) => row.replace(/; patched.*| {2}# patched.*/, ''));
    const named = `# 0x${handler.toString(16)} <handle_exception>`;
    assert.deepEqual(shown, [
      'auipc a0,0x0',
      `addi a1,a0,-64  ${named}`,
      `ld a2,-64(a0)  ${named}`,
      `sd a2,0(a1)  ${named}`,
      `jalr -64(a0)  ${named}`,
      // What the call has left in a0 is not known.
      'mv a3,a0',
    ]);
    // A page of the view that begins between the two shows the same.
    assert.deepEqual((await rows(at + 4n, 1))[0]!.replace(/; patched.*/, ''), shown[1]);
  });

  it('forget an address when its register is written, and at labels', async () => {
    const at = handler + 0x40n;
    // auipc a0,0x0; li a0,1; ld a2,-64(a0)
    write(at, [4, 0x517], [2, 0x4505], [4, 0xfc05_3603]);
    assert.match((await rows(at, 3))[2]!, /^ld a2,-64\(a0\) {2}# patched, was /);
    // auipc a0,0x0 before the label; there ld a2,-64(a0)
    write(handler - 4n, [4, 0x517], [4, 0xfc05_3603]);
    assert.match(
      (await rows(handler, 1))[0]!,
      /^<handle_exception>: ld a2,-64\(a0\) {2}# patched, was csrrw/,
    );
  });

  it('say what the file has where memory has something else', async () => {
    assert.doesNotMatch((await rows(handler, 200)).join('\n'), /patched/);
    write(handler, [4, 0x13]);
    assert.deepEqual(await rows(handler, 1), [
      '<handle_exception>: nop  # patched, was csrrw tp,sscratch,tp',
    ]);
  });

  it('are left out with all names if the client wants no symbols', async () => {
    const { instructions } = await client.send('disassemble', {
      memoryReference: `0x${handler.toString(16)}`,
      instructionCount: 12,
      resolveSymbols: false,
    });
    assert.ok(
      instructions.every(({ instruction, symbol }) => !/[<#]/.test(instruction) && symbol === undefined),
    );
    assert.ok(instructions.some(({ location }) => location !== undefined));
  });
});
