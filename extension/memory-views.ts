/** Commands about addresses: "RISC-V: Walk Address…", "RISC-V: View Memory at…" and "View Value As…". */
import * as vscode from 'vscode';
import { frontSession, type SessionDocuments } from './session-documents';

/** What VS Code hands to commands of the menu `debug/variables/context`. */
interface VariableContext {
  readonly variable?: {
    readonly name: string;
    readonly value: string;
    readonly evaluateName?: string;
    readonly memoryReference?: string;
  };
}

async function askForAddress(title: string, context: unknown): Promise<string | undefined> {
  const { variable } = (context ?? {}) as VariableContext;
  if (variable?.memoryReference !== undefined) return variable.memoryReference;
  const editor = vscode.window.activeTextEditor;
  const value = editor === undefined ? '' : editor.document.getText(editor.selection).trim();
  return vscode.window.showInputBox({
    title,
    value: value.includes('\n') ? '' : value,
    prompt:
      'An address, a symbol or an expression: 0xffffffff80000000, handle_exception + 4, sp, phys:0x80200000',
  });
}

/** A walk through the page tables, as a document. */
export async function walkAddress(texts: SessionDocuments, context: unknown): Promise<void> {
  const session = frontSession();
  if (!session) return;
  const address = await askForAddress('RISC-V: Walk Address', context);
  if (address === undefined || address === '') return;
  const frameId = selectedFrame(session);
  const { text } = (await session.customRequest('riscvUnwind/walkAddress', { address, frameId })) as {
    text: string;
  };
  await texts.show(session, `Page walk in ${session.name}.txt`, text);
}

const hexEditor = 'ms-vscode.hexeditor';
const hexEditorType = 'hexEditor.hexedit';
/** Bytes of a hex dump. */
const dumpSize = 4096;

/** The memory in the hex editor if it is installed, else as text. */
export async function viewMemory(texts: SessionDocuments, context: unknown): Promise<void> {
  const session = frontSession();
  if (!session) return;
  const expression = await askForAddress('RISC-V: View Memory', context);
  if (expression === undefined || expression === '') return;
  const memoryReference = await referenceOf(expression, session);
  if (memoryReference === undefined) return;
  const { data } = (await session.customRequest('readMemory', { memoryReference, count: dumpSize })) as {
    data?: string;
  };
  if (data === undefined) {
    void vscode.window.showErrorMessage(
      `Nothing can be read at ${memoryReference}: it is not mapped, or not RAM.`,
    );
    return;
  }
  if (vscode.extensions.getExtension(hexEditor)) {
    // As VS Code names the memory of a session (its debugMemory.ts); the last part is the tab's title.
    const uri = vscode.Uri.from({
      scheme: 'vscode-debug-memory',
      authority: session.id,
      path: `/${encodeURIComponent(memoryReference)}/${memoryReference.replace(':', ' ')}.bin`,
    });
    await vscode.commands.executeCommand('vscode.openWith', uri, hexEditorType, columnForMemory());
    return;
  }
  const bytes = Buffer.from(data, 'base64');
  const end = bytes.length < dumpSize ? ['No more can be read there.'] : [];
  const hint = 'To edit memory, install the extension "Hex Editor" (ms-vscode.hexeditor).';
  await texts.show(
    session,
    `Memory of ${session.name}.txt`,
    [memoryReference, '', ...dump(memoryReference, bytes), ...end, '', hint, ''].join('\n'),
  );
}

/** Beside the source, which comes to the front of its column at each stop and after each edit, or where memory is shown already. */
function columnForMemory(): vscode.ViewColumn {
  const { activeTab } = vscode.window.tabGroups.activeTabGroup;
  const isMemory =
    activeTab?.input instanceof vscode.TabInputCustom && activeTab.input.viewType === hexEditorType;
  return isMemory ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside;
}

/** A memory reference as it is, or what the expression evaluates to. */
async function referenceOf(expression: string, session: vscode.DebugSession): Promise<string | undefined> {
  if (/^\s*(phys:)?\s*0x[\da-f]+\s*$/i.test(expression)) return expression.replace(/\s/g, '');
  const frameId = selectedFrame(session);
  const { memoryReference } = (await session.customRequest('evaluate', {
    expression,
    frameId,
    context: 'watch',
  })) as { memoryReference?: string };
  if (memoryReference === undefined) {
    void vscode.window.showErrorMessage(`'${expression}' has no address in memory.`);
  }
  return memoryReference;
}

function dump(memoryReference: string, bytes: Uint8Array): string[] {
  const [, space = '', start = '0'] = /^(phys:)?(.*)$/.exec(memoryReference) ?? [];
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const digits = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    const address = BigInt.asUintN(64, BigInt(start) + BigInt(at))
      .toString(16)
      .padStart(16, '0');
    rows.push(`${space}0x${address}  ${digits.padEnd(47)}  ${text}`);
  }
  return rows;
}

const formats = [
  { label: 'Hexadecimal with Symbol', format: 'symbol' },
  { label: 'Hexadecimal', format: 'hex' },
  { label: 'Decimal', format: 'decimal' },
  { label: 'Unsigned Decimal', format: 'unsigned' },
  { label: 'Binary', format: 'binary' },
] as const;

/** How a register is written; without one that was clicked, all of them. */
export async function viewValueAs(context: unknown): Promise<void> {
  const session = frontSession();
  if (!session) return;
  const register = ((context ?? {}) as VariableContext).variable?.name;
  const picked = await vscode.window.showQuickPick(formats, {
    title: register === undefined ? 'RISC-V: View Registers As' : `RISC-V: View ${register} As`,
  });
  if (picked) await session.customRequest('riscvUnwind/valueFormat', { format: picked.format, register });
}

/** That of the Call Stack view, if it is a frame of this session. */
function selectedFrame(session: vscode.DebugSession): number | undefined {
  const item = vscode.debug.activeStackItem;
  return item?.session === session && 'frameId' in item ? item.frameId : undefined;
}
