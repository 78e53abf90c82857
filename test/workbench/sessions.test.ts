import assert from 'node:assert/strict';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ended, place, stoppedAt } from './frames';
import { harness } from './harness';
import { callsHandler, lineOf } from './sample';
import { out } from './server';
import type { ShownFrame } from './workbench';

/** The first thread of the kernel goes on its tour: once in each run. */
const callsTour = lineOf('main.c', 'tour_kernel();');

describe('the workbench: sessions', () => {
  it('says that the kernel was rebuilt, and restarts into the new one', () =>
    harness.inSample('rebuilt', { launchJson: false }, async (workbench) => {
      await workbench.openFile('entry.S');
      await workbench.clickGutter(callsHandler);
      await workbench.page.keyboard.press('F5');
      await workbench.quickPickRow('prebuilt/sample-metadata.elf').click();
      await workbench.frames(stoppedAt('entry.S', callsHandler));
      await workbench.makeRoomForCallStack();
      const isFinal = ({ label }: ShownFrame) => label === 'FINAL: kernel thread';
      await workbench.frames((frames) => frames.some(isFinal));
      // A build without frame record metadata takes the place of the one that runs.
      const prebuilt = join(out, 'workspaces/rebuilt/sample-kernel/prebuilt');
      renameSync(join(prebuilt, 'sample-legacy.elf'), join(prebuilt, 'sample-metadata.elf'));
      const message = workbench.page.locator('.notification-toast', { hasText: 'was rebuilt' });
      const restart = message.getByText('Restart', { exact: true });
      // Waits until the message has slid in.
      await restart.click({ trial: true });
      await workbench.documentedScreenshot('rebuilt');
      await restart.click();
      const frames = await workbench.frames((shown) => ended(shown) && !shown.some(isFinal));
      assert.deepEqual(place(frames[0]), ['entry.S', callsHandler]);
    }));

  it('run side by side: each has its threads, switches and views, and what is done to one leaves the other as it is', () =>
    harness.inSample('two-sessions', { launchJson: true, prepare: writeCompound }, async (workbench) => {
      const { page } = workbench;
      await workbench.openFile('main.c');
      await workbench.clickGutter(callsTour);
      await workbench.command('Debug: Select and Start Debugging');
      await workbench.quickPickRow('Both').click();
      await workbench.frames(stoppedAt('main.c', callsTour));
      await workbench.makeRoomForCallStack();
      for (const section of ['Variables', 'Breakpoints', 'RISC-V Kernel'])
        await workbench.toggleSection(section);
      // The one that stops first or last is unfolded.
      await workbench.callStackRows((rows) => isPaused(rows, one) && isPaused(rows, other));

      // Switches are those of the session in front.
      const interrupts = (text: string) =>
        page
          .locator('.statusbar-item', { hasText: /Interrupts/ })
          .getByText(text, { exact: true })
          .waitFor();
      await workbench.selectSession(one);
      await workbench.callStackRows((rows) => isAt(rows, one, 'kernel_init+') && isPaused(rows, other));
      await workbench.command('Hold Interrupts While Stepping');
      await interrupts('Interrupts in steps');
      await workbench.selectSession(other);
      await interrupts('Interrupts held in steps');

      // One runs: it has nothing to show, and the other shows what it did.
      await workbench.debugButton('Continue');
      await workbench.callStackRows((rows) => isRunning(rows, other) && isAt(rows, one, 'kernel_init+'));
      // VS Code brings one that stands still to the front.
      await interrupts('Interrupts in steps');
      await workbench.selectSession(other);
      await interrupts('Interrupts held in steps');
      await workbench.kernelRows((rows) => rows.length === 0);
      await workbench.command('Show Guest Console');
      await workbench.terminalText((text) => text.includes('[tour] a process on each cpu'));
      await workbench.selectSession(one);
      await interrupts('Interrupts in steps');
      await workbench.expandKernel('Tasks');
      await workbench.kernelRows((rows) => rows.some((row) => row.startsWith('init [1]')));
      await workbench.command('Show Guest Console');
      await workbench.terminalText((text) => text.includes('2 cpus') && !text.includes('[tour]'));
      await workbench.documentedScreenshot('two-sessions');

      await workbench.debugButton('Step Into');
      await workbench.callStackRows((rows) => isAt(rows, one, 'tour_kernel+') && isRunning(rows, other));
      await workbench.sessionButton(other, 'Restart');
      await workbench.callStackRows((rows) => isAt(rows, one, 'tour_kernel+') && isPaused(rows, other));
      await workbench.screenshot('two-restarted');
      await workbench.sessionButton(other, 'Stop');
      const isAlone = (rows: readonly string[]) => rowsOf(rows, other).length === 0;
      await workbench.callStackRows((rows) => isAt(rows, one, 'tour_kernel+') && isAlone(rows));
      await workbench.debugButton('Step Out');
      await workbench.callStackRows((rows) => isAt(rows, one, 'kernel_init+'));
      await interrupts('Interrupts in steps');
    })).timeout(180_000);
});

const [one, other] = ['Boot the sample kernel', 'Boot it and stay at the console'];

/** Rows of the Call Stack view that are of a session: its own, its threads and their frames. */
function rowsOf(rows: readonly string[], session: string): readonly string[] {
  const from = rows.findIndex((row) => row.startsWith(session));
  const end = rows.findIndex((row, i) => i > from && row.startsWith('Boot '));
  return from < 0 ? [] : rows.slice(from, end < 0 ? rows.length : end);
}

const isPaused = (rows: readonly string[], session: string): boolean =>
  /Paused on breakpoint$/i.test(rowsOf(rows, session)[0] ?? '');
const isRunning = (rows: readonly string[], session: string): boolean =>
  /Running$/i.test(rowsOf(rows, session)[0] ?? '');
/** It is paused, and its first hart stands in a function. */
const isAt = (rows: readonly string[], session: string, start: string): boolean =>
  rowsOf(rows, session)[2]?.startsWith(start) === true;

/** A launch.json whose compound starts two of its configurations at once. */
function writeCompound(folder: string): void {
  const launchJson = join(folder, '.vscode/launch.json');
  const { configurations, ...rest } = JSON.parse(readFileSync(launchJson, 'utf8')) as {
    configurations: { name: string }[];
  };
  const compounds = [{ name: 'Both', configurations: configurations.slice(0, 2).map(({ name }) => name) }];
  writeFileSync(launchJson, JSON.stringify({ ...rest, configurations, compounds }));
}
