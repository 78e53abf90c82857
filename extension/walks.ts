/** Commands "RISC-V: Choose Stack Walk…" and "RISC-V: Compare Walks", which ask the session at hand. */
import * as vscode from 'vscode';
import { debugType } from './launch-configuration';

/** What package.json says of the launch configuration's `walk`. */
interface Manifest {
  readonly contributes: {
    readonly debuggers: readonly {
      readonly configurationAttributes: {
        readonly launch: {
          readonly properties: {
            readonly walk: { readonly enum: readonly string[]; readonly enumDescriptions: readonly string[] };
          };
        };
      };
    }[];
  };
}

function meaningOf(walk: string, { contributes }: Manifest): string {
  const { properties } = contributes.debuggers[0]!.configurationAttributes.launch;
  return properties.walk.enumDescriptions[properties.walk.enum.indexOf(walk)] ?? '';
}

export async function chooseWalk({ extension }: vscode.ExtensionContext): Promise<void> {
  const session = stoppedSession();
  if (!session) return;
  const { choices } = (await session.customRequest('riscvUnwind/walk')) as {
    choices: readonly { walk: string; chosen: boolean }[];
  };
  const items = choices.map(({ walk, chosen }) => ({
    label: walk,
    detail: meaningOf(walk, extension.packageJSON as Manifest),
    ...(chosen && { description: 'shown now' }),
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: 'RISC-V: Choose Stack Walk',
    placeHolder: 'How the Call Stack view unwinds',
  });
  if (picked) await session.customRequest('riscvUnwind/walk', { walk: picked.label });
}

const scheme = 'riscv-unwind-walks';

/** Comparisons as read-only documents: one for each session, which shows its latest. */
export class WalkComparisons implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #texts = new Map<string, string>();
  readonly #registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  readonly onDidChange = this.#changed.event;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? '';
  }

  /** Of the thread that is selected in the Call Stack view. */
  async show(): Promise<void> {
    const session = stoppedSession();
    if (!session) return;
    const item = vscode.debug.activeStackItem;
    const threadId = item?.session === session ? item.threadId : undefined;
    const { text } = (await session.customRequest('riscvUnwind/compareWalks', { threadId })) as {
      text: string;
    };
    const uri = vscode.Uri.from({ scheme, path: `/Walks of ${session.name}.txt`, query: session.id });
    this.#texts.set(uri.toString(), text);
    this.#changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: true, preserveFocus: false });
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}

function stoppedSession(): vscode.DebugSession | undefined {
  const session = vscode.debug.activeDebugSession;
  if (session?.type === debugType) return session;
  void vscode.window.showInformationMessage('Start a kernel with RISC-V Unwind and stop it first.');
  return undefined;
}
