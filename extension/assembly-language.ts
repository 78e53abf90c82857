/**
 * Our assembly language is only for files that no other extension owns. VS Code gives a file extension that several
 * languages claim to the extension whose folder name sorts last (`LanguagesRegistry`, 1.96), and an extension cannot ask to
 * be the last resort; so a file that came to us though another extension claims it is handed over when it opens.
 */
import * as vscode from 'vscode';
import { otherAssemblyLanguage } from './language-claims';

const assemblyLanguage = 'riscv-unwind-asm';

/** @param self id of this extension */
export function handOverAssemblyFiles(self: string): vscode.Disposable {
  // Once a file: a user who then chooses our language by hand keeps it.
  const seen = new Set<string>();
  const handOver = (document: vscode.TextDocument) => {
    if (document.languageId !== assemblyLanguage || seen.has(document.uri.toString())) return;
    seen.add(document.uri.toString());
    if (usersChoice()) return;
    const owner = otherAssemblyLanguage(vscode.extensions.all, self);
    if (owner !== undefined) void vscode.languages.setTextDocumentLanguage(document, owner);
  };
  vscode.workspace.textDocuments.forEach(handOver);
  return vscode.workspace.onDidOpenTextDocument(handOver);
}

/** Whether the user's `files.associations` names our language: then it is no accident that we have the file. */
function usersChoice(): boolean {
  const associations = vscode.workspace
    .getConfiguration('files')
    .get<Record<string, string>>('associations', {});
  return Object.values(associations).includes(assemblyLanguage);
}
