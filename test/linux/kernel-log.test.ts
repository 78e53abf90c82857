/** The log that we read from the kernel's memory beside what the kernel prints on its console. */
import assert from 'node:assert/strict';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import type { Debuggee } from '../../debug-adapter/debugger/api';
import { kernelLog, logText } from '../../debug-adapter/debugger/kernel-log';
import { launch } from '../../debug-adapter/debugger/launch';
import { resolveSpec } from '../../debug-adapter/debugger/resolve';
import { linuxInitrd, linuxKernel } from './linux.test-support';

describe("the log of Linux 7.3 in the guest's memory", function () {
  this.timeout(300_000);

  async function boot(
    program: string,
    append: string,
  ): Promise<{ debuggee: Debuggee; printed: () => string }> {
    const debuggee = await launch(
      { program, initrd: linuxInitrd, append, smp: 2, memory: '256M', maxInstructions: 400_000_000 },
      createNodeFiles(),
    );
    let text = '';
    debuggee.target.onConsoleOutput = (bytes) => (text += new TextDecoder('latin1').decode(bytes));
    return { debuggee, printed: () => text.replaceAll('\r\n', '\n') };
  }

  async function runTo(debuggee: Debuggee, place: string): Promise<void> {
    const resolution = await resolveSpec(debuggee, place);
    assert.ok(resolution.kind === 'resolved');
    debuggee.target.setBreakpoints(resolution.armed);
    const stop = await debuggee.target.run({ kind: 'continue' });
    assert.equal(stop.kind, 'breakpoint');
  }

  for (const build of ['metadata', 'stock'] as const) {
    it(`is what it has printed when it powers off, line by line: ${build} build`, async function () {
      const { debuggee, printed } = await boot(linuxKernel(this, build), 'console=ttyS0 ignore_loglevel');
      await runTo(debuggee, 'kernel_power_off');
      const log = logText(kernelLog(debuggee)!).split('\n');
      // What a program writes comes in between, and may begin in the midst of a line of the kernel's.
      const console = [...printed().matchAll(/\[ *\d+\.\d{6}\] .*$/gm)].map(([line]) => line);
      assert.ok(console.length > 300, `${console.length} lines`);
      const whole = console.filter((line) => log.includes(line));
      // The last messages may still wait for the console.
      assert.deepEqual(whole, log.slice(0, whole.length));
      assert.deepEqual(
        console.filter((line) => !log.includes(line)),
        [],
      );
    });
  }

  it('is there before the MMU is on and before there is a console', async function () {
    const { debuggee, printed } = await boot(linuxKernel(this, 'metadata'), 'console=none');
    assert.deepEqual(kernelLog(debuggee), []);
    await runTo(debuggee, 'setup_arch');
    assert.deepEqual(
      kernelLog(debuggee)!.map(({ text }) => text.slice(0, 26)),
      ['Booting Linux on hartid 0', 'Linux version 7.3.4-frmeta'],
    );
    assert.equal(printed(), '');
    await runTo(debuggee, 'rest_init');
    const all = kernelLog(debuggee)!;
    assert.ok(all.some(({ text }) => text.startsWith('Kernel command line: console=none')));
    assert.deepEqual(kernelLog(debuggee, 3), all.slice(-3));
    assert.equal(printed(), '');
  });

  it('follows a kernel that moves itself', async function () {
    const program = linuxKernel(this, 'metadata');
    const debuggee = await launch(
      {
        program,
        initrd: linuxInitrd,
        append: 'console=ttyS0',
        memory: '256M',
        kaslrSeed: '0x1234567890abcdef',
      },
      createNodeFiles(),
    );
    await runTo(debuggee, 'rest_init');
    assert.match(logText(kernelLog(debuggee)!), /Kernel command line: console=ttyS0/);
  });
});
