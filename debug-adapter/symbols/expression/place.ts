/** Where a value is, and its bytes. */
import type { LocationPiece, VariableLocation } from '../c-types';
import type { Machine, NamedRegister } from './names';
import { ExpressionError } from './tokens';

export type Place = {
  /** Of a bit-field: where it is in the little-endian integer at the place. */
  readonly bits?: { readonly shift: number; readonly width: number };
} & (
  | { readonly kind: 'memory'; readonly address: bigint }
  | { readonly kind: 'register'; readonly register: NamedRegister }
  /** A part, from `offset` in bytes on, of what debug information puts together: registers, memory, values without a place. */
  | { readonly kind: 'pieces'; readonly pieces: readonly LocationPiece[]; readonly offset: number }
);

/** There is no value, and a view may say so in its stead: `<optimized out>`. */
export class NoValueError extends ExpressionError {
  override readonly name = 'NoValueError';
  readonly shown: string;

  constructor(at: number, message: string, shown: string) {
    super(at, message);
    this.shown = shown;
  }
}

/** More is not read for one value. */
const MAX_SIZE = 1 << 20;

/** @throws NoValueError for what is nowhere. */
export function placeOf(location: VariableLocation, name: string, at: number): Place {
  switch (location.kind) {
    case 'optimized out':
      throw optimizedOut(at, name);
    case 'unavailable':
      throw new NoValueError(
        at,
        `"${name}" is not available: ${location.reason}.`,
        `<not available: ${location.reason}>`,
      );
    case 'pieces': {
      const [only] = location.pieces;
      return location.pieces.length === 1 && only?.kind === 'memory' && only.width === undefined
        ? { kind: 'memory', address: only.address }
        : { kind: 'pieces', pieces: location.pieces, offset: 0 };
    }
  }
}

/** The place of a part, `offset` bytes from the start. A named register is a number and has none. */
export function partOf(place: Place, offset: number): Place {
  switch (place.kind) {
    case 'memory':
      return { kind: 'memory', address: BigInt.asUintN(64, place.address + BigInt(offset)) };
    case 'pieces':
      return { kind: 'pieces', pieces: place.pieces, offset: place.offset + offset };
    case 'register':
      return { kind: 'register', register: place.register };
  }
}

/** The bytes there. @throws ExpressionError if they cannot be read. */
export function readBytes(place: Place, size: number, machine: Machine, at: number): Uint8Array {
  if (size > MAX_SIZE) throw new ExpressionError(at, `A value of ${size} bytes is too large to be read.`);
  switch (place.kind) {
    case 'memory': {
      const bytes = machine.frame.memory(place.address, size);
      return bytes?.length === size ? bytes : unreadable(place.address, at);
    }
    case 'register':
      return littleEndian(readRegister(place.register, machine, at), size);
    case 'pieces':
      return piecesBytes(place.pieces, place.offset, size, machine, at);
  }
}

export function readRegister(register: NamedRegister, machine: Machine, at: number): bigint {
  const value = register.read(machine);
  if (value !== undefined) return value;
  throw new NoValueError(
    at,
    `The value of "${register.name}" is not known in this frame.`,
    '<not known in this frame>',
  );
}

/** Bits of a piece that no width bounds: it is the whole value. */
const wholeWidth = (pieces: readonly LocationPiece[], index: number, wanted: number) =>
  pieces[index]!.width ?? wanted;

function piecesBytes(
  pieces: readonly LocationPiece[],
  offset: number,
  size: number,
  machine: Machine,
  at: number,
): Uint8Array {
  const from = offset * 8;
  const to = from + size * 8;
  let value = 0n;
  let position = 0;
  for (let index = 0; index < pieces.length && position < to; index++) {
    const width = wholeWidth(pieces, index, to - position);
    // Those before the part that is asked for may be anything.
    if (position + width > from) {
      value |= BigInt.asUintN(width, pieceValue(pieces[index]!, width, machine, at)) << BigInt(position);
    }
    position += width;
  }
  if (position < to) throw optimizedOut(at, 'a part of it');
  return littleEndian(value >> BigInt(from), size);
}

function pieceValue(piece: LocationPiece, width: number, machine: Machine, at: number): bigint {
  switch (piece.kind) {
    case 'memory': {
      const bytes = machine.frame.memory(piece.address, Math.ceil(width / 8));
      return bytes ? fromLittleEndian(bytes) : unreadable(piece.address, at);
    }
    case 'register': {
      const value = machine.frame.register(piece.register);
      if (value !== undefined) return value;
      const reason = `register ${piece.register} is not known in this frame`;
      throw new NoValueError(at, `The value is not available: ${reason}.`, `<not available: ${reason}>`);
    }
    case 'value':
      return fromLittleEndian(piece.bytes);
    case 'optimized out':
      throw optimizedOut(at, 'a part of it');
  }
}

/** Changes the bytes there. @throws ExpressionError if they cannot be changed. */
export function writeBytes(place: Place, bytes: Uint8Array, machine: Machine, at: number): void {
  const { writer } = machine;
  const failure = writer ? writeTo(place, bytes, machine, writer) : 'nothing may be changed here';
  if (failure !== undefined) throw new ExpressionError(at, `It cannot be changed: ${failure}.`);
}

function writeTo(
  place: Place,
  bytes: Uint8Array,
  machine: Machine,
  writer: NonNullable<Machine['writer']>,
): string | undefined {
  if (place.kind === 'memory') return writer.memory(place.address, bytes);
  if (place.kind === 'register') return place.register.write(machine, fromLittleEndian(bytes));
  const [piece] = place.pieces;
  if (place.pieces.length > 1 || !piece) return 'it is in several places';
  switch (piece.kind) {
    case 'memory':
      return writer.memory(piece.address + BigInt(place.offset), bytes);
    case 'register': {
      const old = machine.frame.register(piece.register) ?? 0n;
      const shift = BigInt(place.offset * 8);
      const mask = ((1n << BigInt(bytes.length * 8)) - 1n) << shift;
      // What fills the register is sign-extended, as the calling convention has it for 32 bits.
      const whole =
        place.offset === 0 && bytes.length === 4
          ? BigInt.asIntN(32, fromLittleEndian(bytes))
          : (old & ~mask) | (fromLittleEndian(bytes) << shift);
      return writer.register(piece.register, BigInt.asUintN(64, whole));
    }
    default:
      return 'the compiler has computed its value and keeps it nowhere';
  }
}

export function littleEndian(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let rest = value;
  for (let n = 0; n < size; n++, rest >>= 8n) bytes[n] = Number(rest & 0xffn);
  return bytes;
}

export function fromLittleEndian(bytes: Uint8Array): bigint {
  if (bytes.length === 8)
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
  return bytes.reduceRight((high, byte) => (high << 8n) | BigInt(byte), 0n);
}

function unreadable(address: bigint, at: number): never {
  const text = `0x${address.toString(16)}`;
  throw new NoValueError(at, `Memory at ${text} cannot be read.`, `<memory at ${text} cannot be read>`);
}

function optimizedOut(at: number, name: string): NoValueError {
  return new NoValueError(
    at,
    `"${name}" is optimized out: at this instruction it is nowhere.`,
    '<optimized out>',
  );
}
