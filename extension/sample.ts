/** Opens a copy of the sample kernel that comes with the extension, and the walkthrough beside it. */
import * as vscode from 'vscode';

/** Set while a window opens on the sample: that window's extension host finds it and goes on. */
const pendingKey = 'openingSample';
const walkthrough = 'riscv-unwind.riscv-unwind#firstStack';

/** Command "RISC-V: Open Sample Kernel". */
export async function openSample(context: vscode.ExtensionContext): Promise<void> {
  const folder = await chooseFolder(context);
  if (!folder) return;
  if (!(await exists(folder))) {
    await vscode.workspace.fs.copy(vscode.Uri.joinPath(context.extensionUri, 'sample-kernel'), folder);
  }
  await context.globalState.update(pendingKey, folder.toString());
  // Somebody's open work stays as it is; an empty window is there to be used.
  const forceNewWindow = vscode.workspace.workspaceFolders !== undefined;
  await vscode.commands.executeCommand('vscode.openFolder', folder, { forceNewWindow });
}

/** In a window that {@link openSample} opened: shows entry.S and the walkthrough's next steps. */
export async function continueSample(context: vscode.ExtensionContext): Promise<void> {
  const pending = context.globalState.get<string>(pendingKey);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  if (pending === undefined || folder?.toString() !== pending) return;
  await context.globalState.update(pendingKey, undefined);
  await vscode.commands.executeCommand('setContext', 'riscv-unwind.sampleIsOpen', true);
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', walkthrough, false);
  await vscode.window.showTextDocument(vscode.Uri.joinPath(folder, 'entry.S'), {
    viewColumn: vscode.ViewColumn.Beside,
    preview: false,
  });
}

/** Command "RISC-V: Open Tutorial": the page that comes with the extension, as it is read. */
export async function openTutorial({ extensionUri }: vscode.ExtensionContext): Promise<void> {
  const page = vscode.Uri.joinPath(extensionUri, 'docs/tutorial-page-fault.md');
  await vscode.commands.executeCommand('markdown.showPreview', page);
}

async function chooseFolder(context: vscode.ExtensionContext): Promise<vscode.Uri | undefined> {
  // Each version has its own sample; an older copy keeps what its owner has tried in it.
  const { version } = context.extension.packageJSON as { version: string };
  const ours = vscode.Uri.joinPath(context.globalStorageUri, version, 'sample-kernel');
  const elsewhere = { label: 'Choose a folder…', detail: 'A folder "sample-kernel" is made in it' };
  const answer = await vscode.window.showQuickPick(
    [{ label: 'Just open it', detail: `A copy in ${ours.fsPath}` }, elsewhere],
    { title: 'RISC-V: Open Sample Kernel', placeHolder: 'Where to put the copy' },
  );
  if (answer !== elsewhere) return answer && ours;
  const chosen = await vscode.window.showOpenDialog({
    title: 'Folder for the Sample Kernel',
    openLabel: 'Copy Here',
    canSelectFolders: true,
    canSelectFiles: false,
  });
  return chosen?.[0] && vscode.Uri.joinPath(chosen[0], 'sample-kernel');
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}
