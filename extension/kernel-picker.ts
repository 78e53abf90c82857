/** Which kernel the user means: the file at hand, or one of those in the open folders. */
import { relative } from 'node:path';
import * as vscode from 'vscode';
import { findKernels, kernelAt, type FoundKernel } from './kernel-search';

/**
 * The kernel to boot: `resource` if given, else the ELF in the active editor tab, else the one in the open folders, asking
 * when there are several.
 * @returns `undefined` if there is none (the user has been told) or the user dismissed the question.
 */
export async function pickKernel(resource?: vscode.Uri): Promise<FoundKernel | undefined> {
  const atHand = resource ?? activeFile();
  const kernel = atHand && (await kernelAt(atHand.fsPath));
  if (kernel) return kernel;
  if (resource) {
    void vscode.window.showErrorMessage(
      `${resource.fsPath} is not a linked 64-bit RISC-V ELF file: choose the kernel that your build links, such as vmlinux.`,
    );
    return undefined;
  }

  const found = await kernelsInWorkspace();
  if (found.length === 0) return chooseWithoutCandidates();
  if (found.length === 1) return found[0];
  const picked = await vscode.window.showQuickPick(
    found.map((candidate) => ({ label: pathInWorkspace(candidate.path), kernel: candidate })),
    { title: 'RISC-V: Kernel to Boot', placeHolder: 'Several RISC-V programs are in this workspace' },
  );
  return picked?.kernel;
}

/** All kernels of the open folders, the likeliest first. */
export async function kernelsInWorkspace(): Promise<FoundKernel[]> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const found = await Promise.all(folders.map((folder) => findKernels(folder.uri.fsPath)));
  return found.flat();
}

async function chooseWithoutCandidates(): Promise<FoundKernel | undefined> {
  const [browse, sample] = ['Choose a File…', 'Open the Sample Kernel'];
  const answer = await vscode.window.showErrorMessage(
    'There is no RISC-V kernel in this workspace. Build it first, or choose an ELF file such as vmlinux.',
    browse,
    sample,
  );
  if (answer === sample) await vscode.commands.executeCommand('riscv-unwind.openSample');
  if (answer !== browse) return undefined;
  const chosen = await vscode.window.showOpenDialog({ title: 'RISC-V Kernel (ELF)', openLabel: 'Boot' });
  return chosen?.[0] && pickKernel(chosen[0]);
}

/** The file of the active tab, also when a hex editor or the "binary file" page shows it. */
function activeFile(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const shown = input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom;
  return shown && input.uri.scheme === 'file' ? input.uri : undefined;
}

/** Path relative to its workspace folder, with the folder's name when several are open. */
function pathInWorkspace(path: string): string {
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path));
  if (!folder) return path;
  const inside = relative(folder.uri.fsPath, path);
  return (vscode.workspace.workspaceFolders?.length ?? 0) > 1 ? `${folder.name}/${inside}` : inside;
}
