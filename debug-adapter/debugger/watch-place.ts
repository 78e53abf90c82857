/** What a data breakpoint watches, as text that survives the machine and the session, and as what a target is told. */
import type { Target } from '../target/target';
import type { Watchpoint } from '../target/watchpoint';
import { hex } from '../unwind/hex';
import type { Debuggee } from './api';

/** What is watched, and what a person calls it. */
export type WatchPlace = MemoryPlace | CsrPlace;

interface MemoryPlace {
  readonly kind: 'memory';
  /** `symbol`: the address is an offset from the symbol of this name, wherever the program lies. */
  readonly base: 'virtual' | 'physical' | { readonly symbol: string };
  readonly address: bigint;
  /** Bytes. */
  readonly length: number;
  /** Of a bit-field: its bits of these bytes. */
  readonly bits?: BitRange;
  readonly label: string;
}

/** Bits of bytes in memory, the lowest of the first byte being bit 0. */
export interface BitRange {
  readonly shift: number;
  readonly width: number;
}

interface CsrPlace {
  readonly kind: 'csr';
  readonly name: string;
  readonly label: string;
}

/** Memory that one data breakpoint can watch. */
const mostWatchedBytes = 1 << 16;
const endOfMemory = 1n << 64n;

const prefixes = { virtual: 'virt', physical: 'phys' } as const;

/** `virt:0x80200000+8#name`, `sym:init_task+0x18+4#init_task.__state`, `virt:0x1000+1.3.2#p->flag` for two bits from bit 3 on, `csr:satp#satp`. */
export function formatPlace(place: WatchPlace): string {
  if (place.kind === 'csr') return `csr:${place.name}#${place.label}`;
  const { base, address, length, bits, label } = place;
  const start = typeof base === 'string' ? `${prefixes[base]}:` : `sym:${base.symbol}+`;
  const part = bits ? `.${bits.shift}.${bits.width}` : '';
  return `${start}${hex(address)}+${length}${part}#${label}`;
}

/**
 * 1. `virt`, `phys` or `sym`
 * 2. Symbol
 * 3. Address or offset
 * 4. Bytes
 * 5. Lowest bit, of a bit-field
 * 6. Bits
 * 7. Label
 */
const memoryPattern =
  /^(virt|phys|sym):(?:([^+#]+)\+)?(0x[\da-f]{1,16})\+(\d{1,9})(?:\.(\d{1,2})\.(\d{1,2}))?#(.*)$/s;
const csrPattern = /^csr:(\w+)#(.*)$/s;

/** `undefined` for what {@link formatPlace} does not write. */
export function parsePlace(text: string): WatchPlace | undefined {
  const csr = csrPattern.exec(text);
  if (csr) return { kind: 'csr', name: csr[1]!, label: csr[2]! };
  const match = memoryPattern.exec(text);
  if (!match) return undefined;
  const [, prefix, symbol, address, length, shift, width, label] = match;
  if ((prefix === 'sym') !== (symbol !== undefined)) return undefined;
  const base = symbol === undefined ? (prefix === 'phys' ? 'physical' : 'virtual') : { symbol };
  const place = {
    kind: 'memory',
    base,
    address: BigInt(address!),
    length: Number(length),
    label: label!,
  } as const;
  if (shift === undefined) return place;
  const bits = { shift: Number(shift), width: Number(width) };
  return bits.width > 0 && bits.shift + bits.width <= 8 * place.length ? { ...place, bits } : undefined;
}

/** Why such a range cannot be watched, a sentence; `undefined` if it can. */
export function rangeMistake(address: bigint, length: number): string | undefined {
  if (length < 1) return 'At least one byte has to be watched.';
  if (length > mostWatchedBytes) {
    return `${length} bytes are too many to watch: at most ${mostWatchedBytes} at once. Choose a part of it.`;
  }
  if (address + BigInt(length) > endOfMemory) return `The range goes beyond the end of memory.`;
  return undefined;
}

/** What a watchpoint is without its id and its accesses. */
export type WatchedThing =
  | {
      readonly kind: 'memory';
      readonly space: 'virtual' | 'physical';
      readonly address: bigint;
      readonly length: number;
      /** Only they matter of the bytes. */
      readonly bits?: BitRange;
    }
  | { readonly kind: 'csr'; readonly csr: number };

export type ResolvedPlace =
  | { readonly ok: true; readonly thing: WatchedThing }
  /** A sentence that says why there is no such thing. */
  | { readonly ok: false; readonly message: string };

/**
 * Where that is in this program and machine. Variables of the kernel are watched where they lie in RAM, so that accesses before the MMU is on and by
 * other mappings are seen too, and those of devices.
 */
export function resolvePlace(place: WatchPlace, debuggee: Debuggee): ResolvedPlace {
  if (place.kind === 'csr') return csrThing(place.name, debuggee.target);
  const { base, length, bits } = place;
  if (typeof base === 'string') return memoryThing(base, place.address, length, bits);
  const [symbol] = debuggee.program.symbols.named(base.symbol);
  if (!symbol) return { ok: false, message: `The program has no symbol '${base.symbol}'.` };
  const linked = symbol.address + place.address;
  const addresses = debuggee.kernel.runAddresses(linked);
  const physical = addresses.at(-1) ?? linked;
  const isRam = debuggee.target.readPhysical(physical, 1) !== undefined;
  return memoryThing(
    isRam ? 'physical' : 'virtual',
    isRam ? physical : (addresses[0] ?? linked),
    length,
    bits,
  );
}

function memoryThing(
  space: 'virtual' | 'physical',
  address: bigint,
  length: number,
  bits: BitRange | undefined,
): ResolvedPlace {
  const message = rangeMistake(address, length);
  return message === undefined
    ? { ok: true, thing: { kind: 'memory', space, address, length, ...(bits && { bits }) } }
    : { ok: false, message };
}

function csrThing(name: string, { csrs, harts }: Target): ResolvedPlace {
  const csr = csrs.find((candidate) => candidate.name === name);
  if (!csr || !harts.some((hart) => hart.getCsr(csr.address) !== undefined)) {
    return { ok: false, message: `This machine has no CSR '${name}'.` };
  }
  return { ok: true, thing: { kind: 'csr', csr: csr.address } };
}

/** The watchpoint of a thing; of a CSR only writes can be watched. */
export function watchpointOf(
  id: number,
  thing: WatchedThing,
  access: 'read' | 'write' | 'read-write' | 'change',
): Watchpoint {
  if (thing.kind === 'csr') return { ...thing, id, access: access === 'change' ? 'change' : 'write' };
  const { kind, space, address, length } = thing;
  return { kind, space, address, length, id, access };
}
