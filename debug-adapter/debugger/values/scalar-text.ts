/** Numbers, addresses and characters as a person reads them. */
import type { CEnumeration } from '../../symbols/c-types';
import { isBasic } from '../../symbols/expression/basic-types';
import type { Scalar } from '../../symbols/expression/bound';
import type { CType } from '../../symbols/c-types';
import { integerForm, plain } from '../../symbols/expression/types';
import { hex } from '../../unwind/hex';
import type { NumberFormat } from './format';

const half = 1n << 63n;
/** From here on an unsigned long may be an address as well as a number. */
const page = 4096n;

/** `symbol` gives `schedule+0x12` for an address. */
export function scalarText(
  value: Scalar,
  type: CType,
  symbol: (address: bigint) => string | undefined,
  format?: NumberFormat,
): string {
  if (typeof value === 'number') return format === 'x' ? floatHex(value, type) : floatText(value, type);
  const inner = plain(type);
  const size = integerForm(inner)?.size ?? 8;
  const bits = BigInt.asUintN(size * 8, value);
  if (format !== undefined && format !== 's') return formatted(bits, size, format);
  switch (inner.kind) {
    case 'enum':
      return enumText(value, inner);
    case 'integer':
      if (inner.as === 'boolean') return value === 0n ? 'false' : value === 1n ? 'true' : value.toString();
      if (inner.as === 'character') return `${value} ${characterText(Number(bits & 0xffn))}`;
      if (inner.signed)
        return isBasic(type) && size === 8
          ? `${value} (${hex(BigInt.asUintN(64, value))})`
          : value.toString();
      // What an expression made of registers and addresses is one, more often than not; so is what is in the kernel's half.
      if (size === 8 && (isBasic(type) || value >= half)) return addressText(value, symbol);
      if (isBasic(type)) return hex(value);
      return size === 8 && value >= page ? `${value} (${hex(value)})` : value.toString();
    default:
      return addressText(value, symbol);
  }
}

function addressText(value: bigint, symbol: (address: bigint) => string | undefined): string {
  const name = symbol(value);
  return name === undefined ? hex(value) : `${hex(value)} <${name}>`;
}

function formatted(bits: bigint, size: number, format: Exclude<NumberFormat, 's'>): string {
  switch (format) {
    case 'x':
      return hex(bits);
    case 'd':
      return BigInt.asIntN(size * 8, bits).toString();
    case 'u':
      return bits.toString();
    case 'o':
      return `0${bits === 0n ? '' : bits.toString(8)}`;
    case 'b':
      return `0b${bits.toString(2)}`;
    case 'c':
      return `${bits} ${characterText(Number(bits & 0xffn))}`;
  }
}

/** The name of the value; those of the bits that it is made of; its number. */
function enumText(value: bigint, { enumerators }: CEnumeration): string {
  const exact = enumerators.find((one) => one.value === value);
  if (exact) return exact.name;
  let rest = value;
  const names: string[] = [];
  for (const { name, value: bit } of enumerators) {
    const isBit = bit > 0n && (bit & (bit - 1n)) === 0n;
    if (!isBit || (rest & bit) === 0n) continue;
    names.push(name);
    rest &= ~bit;
  }
  // Of a list of cases a sum means nothing.
  const areFlags = enumerators.every(({ value: one }) => one >= 0n && (one & (one - 1n)) === 0n);
  if (value <= 0n || names.length === 0 || !areFlags) return value.toString();
  return [...names, ...(rest === 0n ? [] : [hex(rest)])].join(' | ');
}

const escapes: Readonly<Record<number, string>> = { 0: '\\0', 9: '\\t', 10: '\\n', 13: '\\r', 92: '\\\\' };

/** One byte of a text; `quote` is the character that must not stand alone in it. */
function escaped(byte: number, quote: string): string {
  const known = escapes[byte];
  if (known !== undefined) return known;
  if (byte < 32 || byte > 126) return `\\x${byte.toString(16).padStart(2, '0')}`;
  const character = String.fromCharCode(byte);
  return character === quote ? `\\${quote}` : character;
}

function characterText(byte: number): string {
  return `'${escaped(byte, "'")}'`;
}

/** Bytes of the guest as C would write them; nothing in them reaches a terminal as it is, but text that is UTF-8. */
export function quotedText(bytes: Uint8Array): string {
  let text: string | undefined;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    text = undefined;
  }
  if (text === undefined) return `"${[...bytes].map((byte) => escaped(byte, '"')).join('')}"`;
  // eslint-disable-next-line no-control-regex
  return `"${text.replace(/[\x00-\x1f"\\\x7f-\x9f]/g, (character) => escaped(character.charCodeAt(0), '"'))}"`;
}

/** The shortest decimal number that is rounded to this one. */
function floatText(value: number, type: CType): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0';
  const inner = plain(type);
  if (inner.kind !== 'float' || inner.size !== 4) return String(value);
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return String(candidate);
  }
  return String(Number(value.toPrecision(9)));
}

function floatHex(value: number, type: CType): string {
  const inner = plain(type);
  const view = new DataView(new ArrayBuffer(8));
  if (inner.kind === 'float' && inner.size === 4) {
    view.setFloat32(0, value);
    return hex(BigInt(view.getUint32(0)));
  }
  view.setFloat64(0, value);
  return hex(view.getBigUint64(0));
}
