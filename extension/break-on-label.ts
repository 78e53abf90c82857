/** Command "RISC-V: Break on Label…": adds a function breakpoint on a label or function of the kernel. */
import * as vscode from 'vscode';
import { pickKernel } from './kernel-picker';
import { chosenLabel, matchLabels, placeOf, sortLabels, type Label } from './labels';
import { debugType } from './launch-configuration';
import { labelsOfProgram } from './program-labels';

const shownAtOnce = 300;

export async function breakOnLabel(): Promise<void> {
  const source = await labelSource();
  if (!source) return;
  const name = await pickLabel(source);
  if (name === undefined || isSet(name)) return;
  vscode.debug.addBreakpoints([new vscode.FunctionBreakpoint(name)]);
}

/** The running session knows its program and sources best; without one the kernel's file is read. */
async function labelSource(): Promise<(() => Promise<Label[]>) | undefined> {
  const session = vscode.debug.activeDebugSession;
  if (session?.type === debugType) {
    return async () => {
      const body = (await session.customRequest('riscvUnwind/labels')) as { labels: Label[] };
      return body.labels;
    };
  }
  const kernel = await pickKernel();
  const folders = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
  return kernel && (() => labelsOfProgram(kernel.path, folders));
}

/** @returns the name as a function breakpoint takes it; also one that is not in the list, such as `symbol+0x10`. */
async function pickLabel(read: () => Promise<Label[]>): Promise<string | undefined> {
  const input = vscode.window.createQuickPick<vscode.QuickPickItem & { name: string }>();
  input.title = 'RISC-V: Break on Label';
  input.placeholder = 'Label or function, for example handle_exception';
  input.matchOnDescription = true;
  input.busy = true;
  let sorted: Label[] = [];
  const refresh = () => {
    input.items = matchLabels(sorted, input.value, shownAtOnce).map((label) => ({
      name: label.name,
      label: label.name,
      description: placeOf(label),
      // Chosen by matchLabels already; the quick pick's own order would be another.
      alwaysShow: true,
      ...(isSet(label.name) ? { iconPath: new vscode.ThemeIcon('debug-breakpoint-function') } : {}),
    }));
  };

  const picked = new Promise<string | undefined>((resolve) => {
    input.onDidChangeValue(refresh);
    input.onDidAccept(() => resolve(chosenLabel(sorted, input.value, input.selectedItems[0]?.name)));
    input.onDidHide(() => resolve(undefined));
  });
  input.show();
  try {
    sorted = sortLabels(await read());
    refresh();
    input.busy = false;
    return await picked;
  } catch (error) {
    void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    return undefined;
  } finally {
    input.dispose();
  }
}

function isSet(name: string): boolean {
  return vscode.debug.breakpoints.some(
    (breakpoint) => breakpoint instanceof vscode.FunctionBreakpoint && breakpoint.functionName === name,
  );
}
