/** What the client said of itself in `initialize`, and the conversions that follow from it. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { unsupportedPathFormat } from './errors';

export class Client {
  readonly supportsInvalidated: boolean;
  readonly supportsMemoryEvent: boolean;
  readonly supportsProgress: boolean;
  /** Breakpoints that `breakpoint` events tell of are shown among the user's own, and sent with them from then on (VS Code). */
  readonly showsNewBreakpoints: boolean;
  private readonly lineOffset: number;
  private readonly columnOffset: number;
  private readonly uris: boolean;

  constructor(args: Partial<Dap.InitializeRequestArguments> = {}) {
    const format = args.pathFormat ?? 'path';
    if (format !== 'path' && format !== 'uri') throw unsupportedPathFormat(format);
    this.uris = format === 'uri';
    this.lineOffset = args.linesStartAt1 === false ? 1 : 0;
    this.columnOffset = args.columnsStartAt1 === false ? 1 : 0;
    this.supportsInvalidated = args.supportsInvalidatedEvent === true;
    this.supportsMemoryEvent = args.supportsMemoryEvent === true;
    this.showsNewBreakpoints = /^vscode|code-oss/i.test(args.clientID ?? '');
    this.supportsProgress = args.supportsProgressReporting === true;
  }

  /** 1-based line of a client's line. */
  lineIn(line: number): number {
    return line + this.lineOffset;
  }

  /** A 1-based line as the client counts. */
  lineOut(line: number): number {
    return line - this.lineOffset;
  }

  /** 1-based column of a client's column. */
  columnIn(column: number): number {
    return column + this.columnOffset;
  }

  /** A 1-based column as the client counts. */
  columnOut(column: number): number {
    return column - this.columnOffset;
  }

  /** Path on this machine of a client's path. */
  pathIn(path: string): string {
    if (!path.startsWith('file://')) return path;
    try {
      return decodeURIComponent(path.slice('file://'.length));
    } catch {
      return path;
    }
  }

  /** A path on this machine as the client wants it. */
  pathOut(path: string): string {
    return this.uris && path.startsWith('/') ? `file://${encodeURI(path)}` : path;
  }
}
