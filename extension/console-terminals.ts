/** Terminals for guests' consoles: one for each launch configuration, used again by its next session. */
import * as vscode from 'vscode';
import { ConsoleText } from './console-text';
import { debugType } from './launch-configuration';

/** The adapter's own messages; debug-adapter/session/protocol/custom.ts defines them. */
const outputEvent = 'riscvUnwind/consoleOutput';
const inputRequest = 'riscvUnwind/consoleInput';

export class ConsoleTerminals implements vscode.Disposable {
  private readonly consoles = new Map<string, GuestConsole>();
  private latest: GuestConsole | undefined;
  private readonly registration: vscode.Disposable;

  constructor() {
    this.registration = vscode.debug.registerDebugAdapterTrackerFactory(debugType, {
      createDebugAdapterTracker: (session) =>
        session.configuration['console'] === 'debugConsole' ? undefined : this.track(session),
    });
  }

  /** Brings the console of the session in front to the front, or that of the latest one. */
  show(): void {
    const session = vscode.debug.activeDebugSession;
    const console = this.consoles.get(session?.type === debugType ? session.name : '') ?? this.latest;
    if (console) console.show(false);
    else
      void vscode.window.showInformationMessage(
        'No guest has run yet: start one with F5, and its console appears here.',
      );
  }

  dispose(): void {
    this.registration.dispose();
    for (const console of this.consoles.values()) console.dispose();
  }

  private track(session: vscode.DebugSession): vscode.DebugAdapterTracker {
    let console = this.consoles.get(session.name);
    if (!console) this.consoles.set(session.name, (console = new GuestConsole(session.name)));
    this.latest = console;
    const guest = console;
    guest.begin(session);
    let ending = 'the session has ended';
    return {
      onDidSendMessage(message: { event?: string; body?: { data?: string; exitCode?: number } }) {
        if (message.event === outputEvent) guest.output(message.body?.data ?? '');
        if (message.event === 'exited')
          ending = `the guest has ended, exit status ${message.body?.exitCode ?? 0}`;
      },
      onWillStopSession: () => guest.end(session, ending),
    };
  }
}

/** One terminal and what was written to it. The terminal may be closed and opened again while the text stays. */
class GuestConsole implements vscode.Pseudoterminal, vscode.Disposable {
  private readonly writer = new vscode.EventEmitter<string>();
  readonly onDidWrite = this.writer.event;

  private readonly name: string;
  private readonly text = new ConsoleText();
  private terminal: vscode.Terminal | undefined;
  private session: vscode.DebugSession | undefined;
  /** The workbench drops what is written to a terminal before it calls `open`. */
  private isOpen = false;

  constructor(name: string) {
    this.name = name;
  }

  begin(session: vscode.DebugSession): void {
    this.session = session;
    this.write(this.text.note(this.name));
    this.show(true);
  }

  output(data: string): void {
    this.write(this.text.append(data));
  }

  end(session: vscode.DebugSession, how: string): void {
    if (this.session !== session) return;
    this.session = undefined;
    this.write(this.text.note(how));
  }

  show(preserveFocus: boolean): void {
    this.terminal ??= vscode.window.createTerminal({
      name: this.name,
      pty: this,
      iconPath: new vscode.ThemeIcon('debug-console'),
    });
    this.terminal.show(preserveFocus);
  }

  dispose(): void {
    this.terminal?.dispose();
    this.writer.dispose();
  }

  open(): void {
    this.isOpen = true;
    this.writer.fire(this.text.transcript);
  }

  close(): void {
    this.isOpen = false;
    this.terminal = undefined;
  }

  handleInput(data: string): void {
    // A failed request means that the session is ending; its end says so in the terminal.
    this.session?.customRequest(inputRequest, { data }).then(undefined, () => undefined);
  }

  private write(shown: string): void {
    if (this.isOpen) this.writer.fire(shown);
  }
}
