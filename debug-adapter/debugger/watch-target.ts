/** What somebody means to watch who names it: an address, a CSR, or an expression. */
import { plain, sizeOf } from '../symbols/expression/types';
import type { ExpressionValue } from '../symbols/expression/evaluate';
import type { TargetHart } from '../target/target';
import { hex } from '../unwind/hex';
import type { Debuggee } from './api';
import type { Standpoint } from './expression/frame-machine';
import { evaluateAt } from './expressions';
import { csrNamed } from './registers';
import { rangeMistake, type BitRange, type WatchPlace } from './watch-place';

export type FoundPlace =
  { readonly ok: true; readonly place: WatchPlace } | { readonly ok: false; readonly message: string };

export interface NamedWatch {
  /** `phys:0x80200000`, `virt:$sp,16`, `csr:satp`, or an expression. */
  readonly text: string;
  /** Bytes to watch, if not as many as what is named has. */
  readonly bytes?: number;
  /** The value of the expression is the address, whatever it is the value of. */
  readonly asAddress?: boolean;
}

/** Of memory that nobody says the size of. */
const wordBytes = 8;

const csrPattern = /^csr:\s*\$?(\w+)$/;
/**
 * 1. Space
 * 2. Expression
 * 3. Bytes
 */
const addressPattern = /^(phys|virt):(.+?)(?:,\s*(0x[\da-f]+|\d+)\s*)?$/i;

/** Finds what is named. Reads registers and memory. */
export function findWatchPlace(
  { text, bytes, asAddress }: NamedWatch,
  at: Standpoint,
  debuggee: Debuggee,
): FoundPlace {
  const wanted = text.trim();
  const csr = csrPattern.exec(wanted);
  if (csr) return csrPlace(csr[1]!, at.hart, debuggee);
  const address = addressPattern.exec(wanted);
  const expression = address ? address[2]! : wanted;
  const result = evaluateAt(expression, at, debuggee);
  if (!result.ok) return { ok: false, message: result.message };
  const length = bytes ?? (address?.[3] === undefined ? undefined : Number(address[3]));
  if (address) {
    const base = address[1]!.toLowerCase() === 'phys' ? 'physical' : 'virtual';
    return atValue(result, base, length ?? wordBytes, wanted);
  }
  const { place } = result;
  const register =
    place?.kind === 'register' ? csrNamed(place.register.name, at.hart, debuggee.target) : undefined;
  if (register && asAddress !== true) return csrPlace(register.name, at.hart, debuggee);
  if (place?.kind === 'memory' && asAddress !== true) {
    const { address, size, bits } = bytesOf(result) ?? { address: place.address, size: wordBytes };
    const whole = length ?? symbolSize(wanted, debuggee) ?? size;
    return inProgram(address, whole, wanted, debuggee, length === undefined ? bits : undefined);
  }
  const { type } = result;
  const target =
    plain(type).kind === 'pointer'
      ? (plain(type) as Extract<typeof type, { kind: 'pointer' }>).target
      : undefined;
  // Without debug information the name of a variable is its address.
  const ofSymbol = place ? undefined : symbolSize(wanted.replace(/^&\s*/, ''), debuggee);
  // What `void *` points to has no size, though it counts by bytes.
  const ofTarget = target && plain(target).kind !== 'void' ? sizeOf(target) : undefined;
  const size = length ?? ofTarget ?? ofSymbol ?? wordBytes;
  if (typeof result.scalar !== 'bigint') return noAddress(wanted);
  const value = BigInt.asUintN(64, result.scalar);
  return inProgram(value, size, place ? `*${wanted}` : wanted, debuggee);
}

/** The register of that name. */
export function csrPlace(name: string, hart: TargetHart, { target }: Debuggee): FoundPlace {
  if (!csrNamed(name, hart, target)) return { ok: false, message: `This machine has no CSR '${name}'.` };
  return { ok: true, place: { kind: 'csr', name, label: name } };
}

function atValue(
  result: ExpressionValue,
  base: 'virtual' | 'physical',
  length: number,
  label: string,
): FoundPlace {
  if (typeof result.scalar !== 'bigint') return noAddress(label);
  const address = BigInt.asUintN(64, result.scalar);
  const message = rangeMistake(address, length);
  if (message !== undefined) return { ok: false, message };
  return { ok: true, place: { kind: 'memory', base, address, length, label } };
}

/** An address as a hart uses it: by its symbol if the program has one there, so that it is found again wherever the program lies. */
export function inProgram(
  address: bigint,
  length: number,
  label: string,
  debuggee: Debuggee,
  bits?: BitRange,
): FoundPlace {
  const message = rangeMistake(address, length);
  if (message !== undefined) return { ok: false, message };
  const { kernel, program } = debuggee;
  const place = { kind: 'memory', length, label, ...(bits && { bits }) } as const;
  const linked = kernel.linkAddress(address, true).address;
  const symbol = program.symbols.at(linked);
  const isThere = symbol && linked + BigInt(length) <= symbol.address + BigInt(symbol.size);
  if (!isThere || program.symbols.named(symbol.name)[0] !== symbol) {
    return { ok: true, place: { ...place, base: 'virtual', address } };
  }
  const offset = linked - symbol.address;
  return {
    ok: true,
    place: { ...place, base: { symbol: symbol.name }, address: offset },
  };
}

/** Of a variable that debug information may not describe. */
function symbolSize(name: string, { program }: Debuggee): number | undefined {
  const [symbol] = program.symbols.named(name);
  return symbol?.kind === 'object' && symbol.size > 0 ? symbol.size : undefined;
}

/** Where a value is in memory. */
export interface ValueBytes {
  readonly address: bigint;
  /** Bytes; of a bit-field those that have a bit of it. */
  readonly size: number;
  readonly bits?: BitRange;
}

/** `undefined` for what is elsewhere, or has no size. */
export function bytesOf({ type, place }: ExpressionValue): ValueBytes | undefined {
  if (place?.kind !== 'memory') return undefined;
  const { address, bits } = place;
  if (bits) {
    const first = bits.shift >> 3;
    const size = ((bits.shift + bits.width + 7) >> 3) - first;
    return { address: address + BigInt(first), size, bits: { shift: bits.shift & 7, width: bits.width } };
  }
  const size = sizeOf(type);
  return size === undefined || size === 0 ? undefined : { address, size };
}

const noAddress = (text: string): FoundPlace => ({
  ok: false,
  message: `'${text}' is no address: write one, such as ${hex(0x8020_0000n)}, a variable, or csr:satp.`,
});
