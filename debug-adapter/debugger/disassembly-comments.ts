/**
 * What an instruction alone does not say: where it goes, which address two of them make together, and that it is not the one
 * of the file. Written as assemblers write comments.
 */
import { hex } from '../unwind/hex';
import type { Debuggee, Location } from './api';
import type { CodeMemory, DisassemblyRow } from './disassembly';
import { locate } from './location';

/** How many rows before one can be part of the address that it uses: compilers keep the two instructions close. */
export const contextRows = 8;

/** The comment of each row, empty if there is nothing to say. Rows follow each other in memory; `locations` are theirs. */
export function commentsOf(
  rows: readonly DisassemblyRow[],
  locations: readonly Location[],
  debuggee: Pick<Debuggee, 'program' | 'kernel' | 'target'>,
  memory: CodeMemory,
): readonly string[] {
  const addresses = new MadeAddresses();
  return rows.map((row, i) => {
    const { instruction } = row;
    if (!instruction) {
      addresses.forget();
      return '';
    }
    const { symbol, offset } = locations[i]!;
    // Whoever comes to a label need not have gone through the rows before.
    if (symbol !== undefined && offset === 0) addresses.forget();
    const made = addresses.follow(row);
    const target = instruction.target ?? made;
    const name = target === undefined ? undefined : nameOf(target, debuggee, memory);
    const parts: string[] = [];
    if (made !== undefined) parts.push(name === undefined ? hex(made) : `${hex(made)} <${name}>`);
    else if (name !== undefined) parts.push(name);
    const original = originalText(row, debuggee, memory);
    if (original !== undefined) parts.push(`patched, was ${original}`);
    return parts.join('; ');
  });
}

function nameOf(
  address: bigint,
  debuggee: Pick<Debuggee, 'program' | 'kernel' | 'target'>,
  memory: CodeMemory,
): string | undefined {
  const { symbol, offset } = locate(debuggee, address, memory);
  return symbol === undefined || offset === 0 ? symbol : `${symbol}+0x${offset.toString(16)}`;
}

/** What the file has where memory has something else; `undefined` where they are the same, or the file has no code. */
function originalText(
  { address, bytes }: DisassemblyRow,
  { program, kernel, target }: Pick<Debuggee, 'program' | 'kernel' | 'target'>,
  memory: CodeMemory,
): string | undefined {
  const link = kernel.linkAddress(address, memory.bare).address;
  if (!program.text.some(({ start, end }) => link >= start && link < end)) return undefined;
  // What lies there once the kernel has given it away is no patch.
  if (kernel.initFreed && kernel.isInitText(link)) return undefined;
  for (const { virtualAddress, data } of program.segments) {
    if (link < virtualAddress || link >= virtualAddress + BigInt(data.length)) continue;
    const at = Number(link - virtualAddress);
    if (bytes.every((byte, i) => data[at + i] === byte)) return undefined;
    return target.disassemble(data.subarray(at, at + 4), address)?.text;
  }
  return undefined;
}

/** Registers that hold an address made of the pc (`auipc`), while the code goes straight on. */
class MadeAddresses {
  readonly #values = new Map<string, bigint>();

  forget(): void {
    this.#values.clear();
  }

  /** The address that this instruction computes or uses with the help of one before it. */
  follow({ address, instruction }: DisassemblyRow): bigint | undefined {
    const { text, flow } = instruction!;
    const upper = text.startsWith('auipc ') && /^auipc (\w+),0x([\da-f]+)$/.exec(text);
    if (upper) {
      const distance = BigInt.asIntN(32, BigInt(`0x${upper[2]!}`) << 12n);
      this.#values.set(upper[1]!, BigInt.asUintN(64, address + distance));
      return undefined;
    }
    if (this.#values.size === 0) return undefined;
    const made = this.#use(text);
    if (flow !== 'none' && flow !== 'branch') this.forget();
    else if (flow === 'none' && !isStore.test(text)) {
      const [, destination] = /^\S+ (\w+)/.exec(text) ?? [];
      if (destination !== undefined) this.#values.delete(destination);
      const [, sum] = /^addi (\w+),/.exec(text) ?? [];
      if (sum !== undefined && made !== undefined) this.#values.set(sum, made);
    }
    return made;
  }

  #use(text: string): bigint | undefined {
    const [, first, second] = /(-?\d+)\((\w+)\)$/.exec(text) ?? [];
    if (second !== undefined) return this.#sum(second, first!);
    const [, base, distance] = /^addi \w+,(\w+),(-?\d+)$/.exec(text) ?? [];
    if (base !== undefined) return this.#sum(base, distance!);
    const [, register] = /^(?:jr|jalr|mv \w+,) ?(\w+)$/.exec(text) ?? [];
    return register === undefined ? undefined : this.#sum(register, '0');
  }

  #sum(register: string, distance: string): bigint | undefined {
    const value = this.#values.get(register);
    return value === undefined ? undefined : BigInt.asUintN(64, value + BigInt(distance));
  }
}

const isStore = /^f?s[bhwd] /;
