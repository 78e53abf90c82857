/** The tasks that we find in the kernel's memory beside those that it prints itself, with their states (sysrq t). */
import assert from 'node:assert/strict';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import { memoryOf } from '../../debug-adapter/debugger/harts';
import { launch } from '../../debug-adapter/debugger/launch';
import { resolveSpec } from '../../debug-adapter/debugger/resolve';
import { linuxInitrd, linuxKernel } from './linux.test-support';

describe('tasks of Linux 7.3', function () {
  this.timeout(300_000);

  it('are those that sysrq t prints, and the idle task of each CPU', async function () {
    const program = linuxKernel(this, 'metadata');
    const options = { append: 'console=ttyS0', smp: 2, memory: '256M', maxInstructions: 300_000_000 };
    const { target, kernel, ...debuggee } = await launch(
      { ...options, program, initrd: linuxInitrd },
      createNodeFiles(),
    );
    let text = '';
    target.onConsoleOutput = (bytes) => (text += new TextDecoder('latin1').decode(bytes));
    const resolution = await resolveSpec({ ...debuggee, target, kernel }, 'show_state_filter');
    assert.ok(resolution.kind === 'resolved');
    target.setBreakpoints(resolution.armed);
    const stop = await target.run({ kind: 'continue' });
    assert.ok(stop.kind === 'breakpoint');
    const tasks = kernel.tasks(memoryOf(target.harts[stop.hart]!));
    target.setBreakpoints([]);
    await target.run({ kind: 'continue' });

    const line = /task:(\S+) +state:(.).* pid:(\d+)/g;
    // Printing wakes the console's own thread.
    const stateOf = (comm: string, state: string) => (comm.startsWith('pr/') ? '-' : state);
    const printed = [...text.matchAll(line)].map(([, comm, state, pid]) => [
      comm,
      stateOf(comm!, state!),
      Number(pid),
    ]);
    assert.ok(printed.length > 20);
    const found = tasks.map(({ comm, state, pid }) => [comm!, stateOf(comm!, state!.letter), pid!]);
    const isIdle = ([, , pid]: (typeof found)[number]) => pid === 0;
    assert.deepEqual(
      found.filter((task) => !isIdle(task)),
      printed,
    );
    assert.deepEqual(
      found.filter(isIdle).map(([comm]) => comm),
      ['swapper/0', 'swapper/1', 'swapper/2', 'swapper/3'].slice(0, found.filter(isIdle).length),
    );
    assert.ok(found.filter(isIdle).length >= 2);
  });
});
