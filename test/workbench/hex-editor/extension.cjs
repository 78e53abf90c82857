/**
 * What Microsoft's Hex Editor does with the memory of a debug session, and nothing else: it reads and writes
 * `vscode-debug-memory:` through `vscode.workspace.fs`, a range a time (`?range=from:to`, bytes from the memory reference), and reads
 * again when its watcher says that something has changed (its src/fileSystemAdaptor.ts and src/hexEditorProvider.ts). Unlike it, it also
 * reads again right after a save.
 */
const vscode = require('vscode');
const page = require('./page.cjs');

/** Bytes of one read: the Hex Editor's for debug memory. */
const pageSize = 4096;

class Memory {
  /** Bytes that were typed and not saved, by offset. */
  edits = new Map();

  constructor(uri) {
    this.uri = uri;
    this.changed = new vscode.EventEmitter();
    // As the Hex Editor watches: the file in its folder.
    const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
    const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), name);
    this.watcher = vscode.workspace.createFileSystemWatcher(pattern);
    this.watcher.onDidChange(() => this.changed.fire());
  }

  range(from, length) {
    return this.uri.with({ query: `?range=${from}:${from + length}` });
  }

  read(from) {
    return vscode.workspace.fs.readFile(this.range(from, pageSize));
  }

  async save() {
    for (const [offset, value] of this.edits) {
      await vscode.workspace.fs.writeFile(this.range(offset, 1), Uint8Array.of(value));
    }
    this.forgetEdits();
  }

  forgetEdits() {
    this.edits.clear();
    this.changed.fire();
  }

  dispose() {
    this.watcher.dispose();
    this.changed.dispose();
  }
}

class Editors {
  #edited = new vscode.EventEmitter();
  onDidChangeCustomDocument = this.#edited.event;

  openCustomDocument(uri) {
    return new Memory(uri);
  }

  resolveCustomEditor(memory, panel) {
    const { webview } = panel;
    const show = async (from) => {
      const message = await memory.read(from).then(
        (bytes) => ({ from, bytes: [...bytes] }),
        (error) => ({ from, error: String(error) }),
      );
      await webview.postMessage(message);
    };
    const shown = new Set();
    const again = memory.changed.event(() => [...shown].map(show));
    panel.onDidDispose(() => again.dispose());
    webview.onDidReceiveMessage(({ wanted, offset, value }) => {
      if (wanted !== undefined) {
        shown.add(wanted);
        return show(wanted);
      }
      memory.edits.set(offset, value);
      const nothing = () => undefined;
      this.#edited.fire({ document: memory, undo: nothing, redo: nothing });
      return undefined;
    });
    webview.options = { enableScripts: true };
    webview.html = page.html(pageSize);
  }

  saveCustomDocument(memory) {
    return memory.save();
  }

  saveCustomDocumentAs() {
    throw new Error('Memory has no end: it cannot be saved as a file.');
  }

  revertCustomDocument(memory) {
    memory.forgetEdits();
  }

  backupCustomDocument(_memory, { destination }) {
    return { id: destination.toString(), delete: () => undefined };
  }
}

exports.activate = ({ subscriptions }) => {
  subscriptions.push(vscode.window.registerCustomEditorProvider('hexEditor.hexedit', new Editors()));
};
