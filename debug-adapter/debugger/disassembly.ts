/**
 * Disassembly in rows, from memory and not from the file: code that the kernel has patched is shown as it runs. Going
 * back from an address is ambiguous with 2- and 4-byte instructions, so decoding starts at a symbol before it and is
 * synchronised again at each symbol on the way.
 */
import type { Instruction, TargetHart } from '../target/target';
import type { Debuggee } from './api';

export interface DisassemblyRow {
  readonly address: bigint;
  /** Empty where memory cannot be read. */
  readonly bytes: Uint8Array;
  /** `undefined` where memory cannot be read or the bytes are cut off by a label in their midst. */
  readonly instruction: Instruction | undefined;
}

/** Memory that code is read from: that of a hart. `bare`: its addresses are physical. */
export type CodeMemory = Pick<TargetHart, 'bare' | 'readMemory'>;

/** Symbols further before an address than this are not used to synchronise: functions are smaller. */
const maxSynchronisation = 0x4000n;
const smallest = 2n;
const largest = 4n;

/**
 * Exactly `count` rows (at least 0) of which the one with number `-offset` is at `address`; with a positive `offset` so many
 * instructions are skipped. Addresses are as the loads and fetches of its hart use them, and wrap at 2^64.
 */
export function disassemble(
  debuggee: Pick<Debuggee, 'program' | 'kernel' | 'target'>,
  memory: CodeMemory,
  address: bigint,
  offset: number,
  count: number,
): DisassemblyRow[] {
  const before = Math.max(0, -offset);
  const skipped = Math.max(0, offset);
  const code = new Code(debuggee, memory);
  const rows: DisassemblyRow[] = [];
  if (before > 0) rows.push(...code.before(address, before));
  let next = address;
  while (rows.length < before + skipped + count) {
    const row = code.at(next, undefined);
    rows.push(row);
    next = BigInt.asUintN(64, next + sizeOf(row));
  }
  return rows.slice(skipped, skipped + count);
}

function sizeOf(row: DisassemblyRow): bigint {
  return row.instruction ? BigInt(row.instruction.length) : smallest;
}

/** Instructions of one address space; reads memory page by page. */
class Code {
  readonly #debuggee: Pick<Debuggee, 'program' | 'kernel' | 'target'>;
  readonly #memory: CodeMemory;
  readonly #pages = new Map<bigint, Uint8Array>();

  constructor(debuggee: Pick<Debuggee, 'program' | 'kernel' | 'target'>, memory: CodeMemory) {
    this.#debuggee = debuggee;
    this.#memory = memory;
  }

  /** The row at an address; an instruction that would reach beyond `limit` is none. */
  at(address: bigint, limit: bigint | undefined): DisassemblyRow {
    const bytes = this.#read(address);
    const instruction = bytes.length < 2 ? undefined : this.#debuggee.target.disassemble(bytes, address);
    const fits =
      instruction &&
      (limit === undefined || address + BigInt(instruction.length) <= limit || limit <= address);
    if (instruction && fits) {
      return { address, bytes: bytes.subarray(0, instruction.length), instruction };
    }
    return { address, bytes: bytes.subarray(0, Number(smallest)), instruction: undefined };
  }

  /** The `count` rows that end where `end` begins. */
  before(end: bigint, count: number): DisassemblyRow[] {
    let address = this.#start(end, count);
    const rows: DisassemblyRow[] = [];
    for (const limit of [...this.#labelsBetween(address, end), end]) {
      while (address < limit) {
        const row = this.at(address, limit);
        rows.push(row);
        address += sizeOf(row);
      }
    }
    const missing = count - rows.length;
    if (missing <= 0) return rows.slice(-count);
    // Only below address 0: nothing is there, but the client counts on its rows.
    const first = rows[0]?.address ?? end;
    const filler = Array.from({ length: missing }, (_, i) => {
      const below = BigInt.asUintN(64, first - smallest * BigInt(missing - i));
      return { address: below, bytes: new Uint8Array(), instruction: undefined };
    });
    return [...filler, ...rows];
  }

  /** Where to start so that at least `count` rows lie before `end`, if there is room: at a symbol if one is near. */
  #start(end: bigint, count: number): bigint {
    const distance = largest * BigInt(count);
    const guess = end > distance ? end - distance : 0n;
    // In step with `end`, whose lowest bit is 0 for every instruction.
    const aligned = guess + ((end - guess) & 1n);
    const link = this.#link(aligned);
    const symbol = this.#debuggee.program.symbols.at(link)?.address;
    if (symbol === undefined || symbol > link || link - symbol > maxSynchronisation) return aligned;
    return aligned - (link - symbol);
  }

  /** Addresses of symbols in `(start, end)`, ascending, in this hart's address space. */
  #labelsBetween(start: bigint, end: bigint): bigint[] {
    const { symbols } = this.#debuggee.program.symbols;
    const linkStart = this.#link(start);
    const slide = start - linkStart;
    let low = 0;
    let high = symbols.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (symbols[middle]!.address <= linkStart) low = middle + 1;
      else high = middle;
    }
    const labels: bigint[] = [];
    for (let i = low; i < symbols.length && symbols[i]!.address + slide < end; i++) {
      const label = symbols[i]!.address + slide;
      if (label !== labels.at(-1) && (label & 1n) === 0n) labels.push(label);
    }
    return labels;
  }

  #link(address: bigint): bigint {
    return this.#debuggee.kernel.linkAddress(address, this.#memory.bare).address;
  }

  /** At most four bytes; two at the end of a readable page. */
  #read(address: bigint): Uint8Array {
    const pageSize = 4096n;
    const page = address & ~(pageSize - 1n);
    const start = Number(address - page);
    const here = this.#page(page).subarray(start, start + Number(largest));
    const rest = start + Number(largest) - Number(pageSize);
    if (rest <= 0 || here.length < Number(largest) - rest) return here;
    const there = this.#page(BigInt.asUintN(64, page + pageSize)).subarray(0, rest);
    const bytes = new Uint8Array(here.length + there.length);
    bytes.set(here);
    bytes.set(there, here.length);
    return bytes;
  }

  #page(page: bigint): Uint8Array {
    let bytes = this.#pages.get(page);
    if (!bytes) {
      bytes = this.#memory.readMemory(page, 4096);
      this.#pages.set(page, bytes);
    }
    return bytes;
  }
}
