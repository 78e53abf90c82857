/** Page tables in the variables view: from the root that satp names, entry by entry. */
import type { Debuggee } from '../../debugger/api';
import { addressSpaceOf } from '../../debugger/paging/address-space';
import { placeText } from '../../debugger/memory-place';
import { decodeEntry, describeFlags } from '../../debugger/paging/page-table-entry';
import { followEntry, type PageTables } from '../../debugger/paging/page-walk';
import { canonical, entrySpan } from '../../debugger/paging/satp';
import { describeSize } from '../../debugger/paging/walk-text';
import type { TargetHart } from '../../target/target';
import { hex } from '../../unwind/hex';
import { notWritable } from '../errors';
import type { Variable, VariableContainer } from './variable';

/** `root table`, if the hart has one. */
export function rootTable(hart: TargetHart, { target }: Debuggee): readonly Variable[] {
  const { satp, tables } = addressSpaceOf(hart, target);
  const { mode, root } = satp;
  if (typeof mode === 'string') return [];
  return [
    {
      name: 'root table',
      value: `${hex(root)}, ${mode.levels} levels`,
      type: 'Physical address; its entries that are not zero are below',
      memoryReference: placeText({ space: 'physical', address: root }),
      children: new PageTable(root, mode.levels - 1, 0n, tables(mode)),
      readOnly: true,
    },
  ];
}

const entries = 512;

class PageTable implements VariableContainer {
  private readonly table: bigint;
  private readonly level: number;
  private readonly base: bigint;
  private readonly tables: PageTables;

  /** `base`: the first address that it translates, without the bits above those translated. */
  constructor(table: bigint, level: number, base: bigint, tables: PageTables) {
    this.table = table;
    this.level = level;
    this.base = base;
    this.tables = tables;
  }

  list(): readonly Variable[] {
    return Array.from({ length: entries }, (_, index) => this.entry(index)).filter(
      (variable) => variable !== undefined,
    );
  }

  assign(name: string): Variable {
    throw notWritable(name, 'page tables are memory: change the entry in the memory view');
  }

  private entry(index: number): Variable | undefined {
    const { tables, level } = this;
    const at = this.table + BigInt(index) * 8n;
    const bits = tables.readWord(at);
    if (bits === undefined || bits === 0n) return undefined;
    const entry = decodeEntry(bits);
    const base = this.base + BigInt(index) * entrySpan(level);
    const step = followEntry(entry, level, tables);
    const meaning =
      step.kind === 'fault'
        ? step.reason
        : step.kind === 'table'
          ? `table ${hex(step.table)}`
          : `${describeSize(step.size)} page ${hex(step.physical)}`;
    return {
      name: `[${index}] ${hex(canonical(base, tables.mode))}`,
      value: `${describeFlags(entry)}  ${meaning}`,
      type: `Entry ${hex(bits)} at ${hex(at)}`,
      memoryReference: placeText({ space: 'physical', address: at }),
      readOnly: true,
      ...(step.kind === 'table' && { children: new PageTable(step.table, level - 1, base, tables) }),
    };
  }
}
