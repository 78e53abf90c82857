/** Commands "RISC-V: Choose Stack Walk…" and "RISC-V: Compare Walks", which ask the session at hand. */
import * as vscode from 'vscode';
import { frontSession, SessionDocuments } from './session-documents';

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
  const session = frontSession();
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

/** Comparisons of the thread that is selected in the Call Stack view, as documents. */
export class WalkComparisons implements vscode.Disposable {
  readonly #documents = new SessionDocuments('riscv-unwind-walks');

  async show(): Promise<void> {
    const session = frontSession();
    if (!session) return;
    const item = vscode.debug.activeStackItem;
    const threadId = item?.session === session ? item.threadId : undefined;
    const { text } = (await session.customRequest('riscvUnwind/compareWalks', { threadId })) as {
      text: string;
    };
    await this.#documents.show(session, `Walks of ${session.name}.txt`, text);
  }

  dispose(): void {
    this.#documents.dispose();
  }
}
