/** Structures of other kernels for tests: a program that describes them as it is told, and words in memory. */
import type { MemberLayout, Program, StructLayout, TypeReader } from '../symbols/api';
import type { ReadMemory } from '../unwind/types';
import type { Task } from './api';
import { loadSample } from './sample.test-support';

/** Members by path: their offset, or their place with a size that is not 8. */
export type Members = Readonly<Record<string, number | MemberLayout>>;

/** The sample with these symbols more, at these addresses, and with no types but these. */
export function programWith(
  symbols: Readonly<Record<string, bigint>>,
  structs: Readonly<Record<string, { readonly size: number; readonly members: Members }>>,
  enumerators: Readonly<Record<string, bigint>> = {},
): Program {
  const program = loadSample('metadata');
  const types: TypeReader = {
    struct: (name) => structs[name] && structLayout(name, structs[name].size, structs[name].members),
    enumerator: (name) => enumerators[name],
  };
  const table = Object.create(program.symbols, {
    named: {
      value: (name: string) =>
        symbols[name] === undefined ? [] : [{ name, address: symbols[name], size: 8, kind: 'function' }],
    },
  }) as Program['symbols'];
  return { ...program, symbols: table, types };
}

function structLayout(name: string, size: number, members: Members): StructLayout {
  const entries = Object.entries(members).map(([path, member]): [string, MemberLayout] => [
    path,
    typeof member === 'number' ? { offset: member, size: 8 } : member,
  ]);
  return { name, size, members: new Map(entries) };
}

/** 64-bit words at multiples of 8; all others cannot be read. */
export class Words {
  readonly #words = new Map<bigint, bigint>();
  /** How many bytes were asked for. */
  read = 0;

  /** From an address upwards. */
  write(address: bigint, ...words: readonly bigint[]): void {
    words.forEach((word, n) => this.#words.set(address + 8n * BigInt(n), BigInt.asUintN(64, word)));
  }

  /** Bytes at any address; the words that they are part of become readable. */
  writeBytes(address: bigint, bytes: Uint8Array | string): void {
    const data = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
    data.forEach((byte, n) => {
      const at = address + BigInt(n);
      const shift = 8n * (at & 7n);
      const word = this.#words.get(at & ~7n) ?? 0n;
      this.#words.set(at & ~7n, (word & ~(0xffn << shift)) | (BigInt(byte) << shift));
    });
  }

  readonly memory: ReadMemory = (address, length) => {
    const bytes = new Uint8Array(length);
    this.read += length;
    for (let n = 0; n < length; n++) {
      const at = address + BigInt(n);
      const word = this.#words.get(at & ~7n);
      if (word === undefined) return undefined;
      bytes[n] = Number((word >> (8n * (at & 7n))) & 0xffn);
    }
    return bytes;
  };
}

/** A task of which only the address matters. */
export function taskAt(address: bigint): Task {
  const stack = { kind: 'task', name: 'task stack', low: 0n, high: 0n } as const;
  return {
    address,
    pid: 1,
    comm: 'init',
    cpu: 0,
    state: undefined,
    stack,
    finalRecord: undefined,
    ptRegs: 0n,
  };
}
