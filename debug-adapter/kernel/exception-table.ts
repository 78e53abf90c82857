/**
 * Instructions of the kernel that may fault, each with where it goes on (`__ex_table`, Linux 7.3 arch/riscv/include/asm/extable.h):
 * since 5.17 as distances from the words that hold them, before as two addresses.
 */
import type { Program } from '../symbols/api';
import { imageTable, type ImageTable } from './image-bytes';

/** The type that is looked up for it. */
export const exceptionTableTypes = ['exception_table_entry'];

export class ExceptionTable {
  readonly #program: Program;
  /** By link-time address of the instruction; read when first asked for. */
  #fixups: ReadonlyMap<bigint, bigint> | undefined;

  constructor(program: Program) {
    this.#program = program;
  }

  /** Where the instruction at a link-time address goes on if it faults, as linked. */
  at(address: bigint): bigint | undefined {
    this.#fixups ??= readFixups(this.#program);
    return this.#fixups.get(address);
  }
}

function readFixups(program: Program): ReadonlyMap<bigint, bigint> {
  const table = imageTable(program, '__start___ex_table', '__stop___ex_table');
  if (!table) return new Map();
  const size = program.types.struct('exception_table_entry')?.size;
  // The kernel's own relative entries are 12 bytes long, two addresses are 16.
  return size === 16 ? absolute(table) : relative(table, size ?? 12);
}

function relative({ address, view }: ImageTable, size: number): ReadonlyMap<bigint, bigint> {
  const found = new Map<bigint, bigint>();
  if (size < 8) return found;
  const target = (offset: number) =>
    BigInt.asUintN(64, address + BigInt(offset) + BigInt(view.getInt32(offset, true)));
  for (let at = 0; at + size <= view.byteLength; at += size) {
    found.set(target(at), target(at + 4));
  }
  return found;
}

function absolute({ view }: ImageTable): ReadonlyMap<bigint, bigint> {
  const found = new Map<bigint, bigint>();
  for (let at = 0; at + 16 <= view.byteLength; at += 16) {
    found.set(view.getBigUint64(at, true), view.getBigUint64(at + 8, true));
  }
  return found;
}
