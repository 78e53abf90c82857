/** The program of a session was built anew: says so, and restarts the session when the user wants that. */
import * as vscode from 'vscode';
import { debugType } from './launch-configuration';

/** The adapter's own event; debug-adapter/session/protocol/custom.ts defines it. */
const rebuiltEvent = 'riscvUnwind/rebuilt';
const restart = 'Restart';

export class RebuildMessages implements vscode.Disposable {
  /** Ids of the sessions that run: a message may be answered long after its session has ended. */
  readonly #running = new Set<string>();
  readonly #subscriptions: readonly vscode.Disposable[] = [
    vscode.debug.onDidStartDebugSession(({ id }) => this.#running.add(id)),
    vscode.debug.onDidTerminateDebugSession(({ id }) => this.#running.delete(id)),
    vscode.debug.onDidReceiveDebugSessionCustomEvent(({ session, event, body }) => {
      if (session.type !== debugType || event !== rebuiltEvent) return;
      void this.#ask(session, (body as { readonly message: string }).message);
    }),
  ];

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #ask(session: vscode.DebugSession, message: string): Promise<void> {
    const answer = await vscode.window.showInformationMessage(`${session.name}: ${message}`, restart);
    if (answer !== restart || !this.#running.has(session.id)) return;
    try {
      await session.customRequest('restart', {});
    } catch (error) {
      void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    }
  }
}
