/**
 * What steps do besides stepping, in the status bar of a session, and the commands "RISC-V: Hold Interrupts While Stepping" and
 * "RISC-V: Steps Follow Task or Hart" that change it.
 */
import * as vscode from 'vscode';
import { debugType } from './launch-configuration';

/** As the adapter tells it. */
interface Policy {
  readonly holdInterrupts: boolean;
  readonly follows: 'task' | 'hart';
}

const request = 'riscvUnwind/stepping';

export class SteppingStatus implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem(
    'riscv-unwind.stepping',
    vscode.StatusBarAlignment.Left,
    0,
  );
  readonly #policies = new Map<string, Policy>();
  readonly #subscriptions: readonly vscode.Disposable[];

  constructor() {
    this.#item.name = 'RISC-V Unwind: Stepping';
    this.#item.command = 'riscv-unwind.holdInterrupts';
    this.#subscriptions = [
      vscode.debug.onDidReceiveDebugSessionCustomEvent(({ session, event, body }) => {
        if (session.type === debugType && event === request) this.#set(session, body as Policy);
      }),
      vscode.debug.onDidStartDebugSession((session) => {
        if (session.type === debugType) void this.#ask(session, {});
      }),
      vscode.debug.onDidTerminateDebugSession(({ id }) => {
        this.#policies.delete(id);
        this.#show();
      }),
      vscode.debug.onDidChangeActiveDebugSession(() => this.#show()),
    ];
  }

  async toggleInterrupts(): Promise<void> {
    await this.#change(({ holdInterrupts }) => ({ holdInterrupts: !holdInterrupts }));
  }

  async toggleFollows(): Promise<void> {
    const policy = await this.#change(({ follows }) => ({ follows: follows === 'task' ? 'hart' : 'task' }));
    if (policy) vscode.window.setStatusBarMessage(`Steps follow the ${policy.follows}.`, 5000);
  }

  dispose(): void {
    this.#item.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #change(change: (policy: Policy) => Partial<Policy>): Promise<Policy | undefined> {
    const session = vscode.debug.activeDebugSession;
    if (session?.type !== debugType) {
      void vscode.window.showInformationMessage('Start a kernel with RISC-V Unwind first.');
      return undefined;
    }
    const policy = this.#policies.get(session.id) ?? (await this.#ask(session, {}));
    return policy && this.#ask(session, change(policy));
  }

  /** Nothing for a session that has ended meanwhile. */
  async #ask(session: vscode.DebugSession, change: Partial<Policy>): Promise<Policy | undefined> {
    try {
      const policy = (await session.customRequest(request, change)) as Policy;
      this.#set(session, policy);
      return policy;
    } catch {
      return undefined;
    }
  }

  #set({ id }: vscode.DebugSession, policy: Policy): void {
    this.#policies.set(id, policy);
    this.#show();
  }

  #show(): void {
    const policy = this.#policies.get(vscode.debug.activeDebugSession?.id ?? '');
    if (!policy) {
      this.#item.hide();
      return;
    }
    const { holdInterrupts, follows } = policy;
    this.#item.text = holdInterrupts
      ? '$(bell-slash) Interrupts held in steps'
      : '$(bell) Interrupts in steps';
    this.#item.tooltip = [
      holdInterrupts
        ? 'Interrupts are held while instructions are stepped. Click to let them come.'
        : 'Interrupts are taken while instructions are stepped. Click to hold them.',
      `Steps follow the ${follows}.`,
    ].join('\n');
    this.#item.show();
  }
}
