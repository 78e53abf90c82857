/**
 * The view "RISC-V Kernel" in the Run and Debug side bar: what the kernel holds, asked of the session in front as rows are expanded,
 * and anew at each stop. While the machine runs it keeps nothing: all that was there may be gone.
 */
import * as vscode from 'vscode';
import { debugType } from './launch-configuration';
import { frontSession, SessionDocuments } from './session-documents';

/** Rows that are shown of many, and that each "more" adds. */
const page = 200;

/** A node of the request `riscvUnwind/kernelTree`, as far as it is used here. */
interface KernelNode {
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  readonly tooltip?: string;
  readonly kind: string;
  readonly hasChildren: boolean;
  readonly source?: vscode.DebugProtocolSource;
  readonly line?: number;
}

type Row =
  | { readonly kind: 'node'; readonly session: vscode.DebugSession; readonly node: KernelNode }
  | { readonly kind: 'more'; readonly parent: Row; readonly left: number };

const icons: Readonly<Record<string, string>> = {
  task: 'debug-pause',
  'running task': 'debug-start',
  frame: 'symbol-method',
  module: 'package',
  memory: 'symbol-array',
  hart: 'chip',
  interrupt: 'circle-outline',
  'pending interrupt': 'bell-dot',
  variable: 'symbol-variable',
  message: 'output',
  'problem message': 'warning',
};

export class KernelTree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<Row | undefined>();
  readonly #subscriptions: readonly { dispose(): unknown }[];
  readonly #logs = new SessionDocuments('riscv-unwind-log');
  /** How many rows of a node are shown, where it is more than a page. */
  readonly #shown = new Map<string, number>();
  readonly onDidChangeTreeData = this.#changed.event;

  constructor() {
    this.#subscriptions = [
      this.#changed,
      this.#logs,
      vscode.window.registerTreeDataProvider('riscv-unwind.kernel', this),
      vscode.debug.onDidChangeActiveDebugSession(() => this.refresh()),
      vscode.debug.registerDebugAdapterTrackerFactory(debugType, {
        createDebugAdapterTracker: () => ({
          onDidSendMessage: ({ type, event }: { type: string; event?: string }) => {
            if (type === 'event' && (event === 'stopped' || event === 'continued' || event === 'invalidated'))
              this.refresh();
          },
        }),
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  async getChildren(parent?: Row): Promise<Row[]> {
    const session = vscode.debug.activeDebugSession;
    if (session?.type !== debugType || parent?.kind === 'more') return [];
    const node = parent?.node.id;
    const count = this.#shown.get(node ?? '') ?? page;
    let body: { readonly nodes: readonly KernelNode[]; readonly total: number };
    try {
      body = (await session.customRequest('riscvUnwind/kernelTree', {
        ...(node !== undefined && { node }),
        count,
      })) as typeof body;
    } catch {
      // The machine runs, or has ended meanwhile: there is nothing to see until it stops.
      return [];
    }
    const rows = body.nodes.map((child): Row => ({ kind: 'node', session, node: child }));
    const left = body.total - rows.length;
    return left > 0 && parent ? [...rows, { kind: 'more', parent, left }] : rows;
  }

  getTreeItem(row: Row): vscode.TreeItem {
    if (row.kind === 'more') {
      const item = new vscode.TreeItem(`Show more (${row.left} are left)`);
      item.command = { command: 'riscv-unwind.moreOfKernel', title: 'Show More', arguments: [row] };
      return item;
    }
    const { session, node } = row;
    const { None, Collapsed } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(node.label, node.hasChildren ? Collapsed : None);
    item.id = `${session.id}/${node.id}`;
    item.contextValue = node.id === 'log' ? 'log' : node.kind;
    if (node.description !== undefined) item.description = node.description;
    item.tooltip =
      node.tooltip ?? `${node.label}${node.description === undefined ? '' : `  ${node.description}`}`;
    const icon = icons[node.kind];
    if (icon !== undefined) item.iconPath = new vscode.ThemeIcon(icon);
    if (node.source) {
      item.command = { command: 'riscv-unwind.openKernelFrame', title: 'Open Source', arguments: [row] };
    }
    return item;
  }

  more(row: Row): void {
    if (row.kind !== 'more' || row.parent.kind !== 'node') return;
    const { id } = row.parent.node;
    this.#shown.set(id, (this.#shown.get(id) ?? page) + page);
    this.#changed.fire(row.parent);
  }

  /** The place of a frame in its source, also in one that the session shows in place of a file. */
  async openFrame(row: Row): Promise<void> {
    if (row.kind !== 'node') return;
    const { session, node } = row;
    const { source } = node;
    if (!source) return;
    const uri = vscode.debug.asDebugSourceUri(source, session);
    const line = Math.max(0, (node.line ?? 1) - 1);
    await vscode.window.showTextDocument(uri, {
      preview: true,
      preserveFocus: true,
      selection: new vscode.Range(line, 0, line, 0),
    });
  }

  async showLog(): Promise<void> {
    const session = frontSession();
    if (!session) return;
    const { text } = (await session.customRequest('riscvUnwind/kernelLog')) as { text: string };
    await this.#logs.show(session, `Log of ${session.name}.log`, text);
  }
}
