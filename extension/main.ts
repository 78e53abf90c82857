/** Entry point of the VS Code extension: registers what package.json contributes. All else happens in the debug adapter. */
import * as vscode from 'vscode';
import { handOverAssemblyFiles } from './assembly-language';
import { breakOnLabel } from './break-on-label';
import { registerConfigurationProviders } from './configuration-provider';
import { ConsoleTerminals } from './console-terminals';
import { pickKernel } from './kernel-picker';
import { KernelTree } from './kernel-tree';
import { configurationFor } from './launch-configuration';
import { viewMemory, viewValueAs, walkAddress } from './memory-views';
import { RebuildMessages } from './rebuilds';
import { continueSample, openSample, openTutorial } from './sample';
import { SessionDocuments } from './session-documents';
import { SteppingStatus } from './stepping';
import { chooseWalk, WalkComparisons } from './walks';

export function activate(context: vscode.ExtensionContext): void {
  const consoles = new ConsoleTerminals();
  const comparisons = new WalkComparisons();
  const stepping = new SteppingStatus();
  const kernel = new KernelTree();
  const memory = new SessionDocuments('riscv-unwind-memory');
  const command = (name: string, action: (...args: never[]) => unknown) =>
    vscode.commands.registerCommand(`riscv-unwind.${name}`, action);
  context.subscriptions.push(
    ...registerConfigurationProviders(),
    consoles,
    comparisons,
    stepping,
    kernel,
    memory,
    new RebuildMessages(),
    handOverAssemblyFiles(context.extension.id),
    command('pickKernel', async () => (await pickKernel())?.path),
    command('debugKernel', (resource?: vscode.Uri) => debugKernel(resource)),
    command('breakOnLabel', () => breakOnLabel()),
    command('showConsole', () => consoles.show()),
    command('chooseWalk', () => chooseWalk(context)),
    command('compareWalks', () => comparisons.show()),
    command('holdInterrupts', () => stepping.toggleInterrupts()),
    command('stepFollows', () => stepping.toggleFollows()),
    command('showKernelLog', () => kernel.showLog()),
    command('refreshKernel', () => kernel.refresh()),
    command('moreOfKernel', (row: never) => kernel.more(row)),
    command('openKernelFrame', (row: never) => kernel.openFrame(row)),
    command('walkAddress', (context: unknown) => walkAddress(memory, context)),
    command('viewMemory', (context: unknown) => viewMemory(memory, context)),
    command('viewValueAs', (context: unknown) => viewValueAs(context)),
    command('openSample', () => openSample(context)),
    command('openTutorial', () => openTutorial(context)),
  );
  void continueSample(context);
}

/** Starts a session on a kernel as F5 does without a launch.json. */
async function debugKernel(resource: vscode.Uri | undefined): Promise<void> {
  const kernel = await pickKernel(resource);
  if (!kernel) return;
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(kernel.path));
  await vscode.debug.startDebugging(folder, configurationFor(kernel));
}
