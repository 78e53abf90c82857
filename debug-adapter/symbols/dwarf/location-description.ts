/** Where a variable is: location descriptions (DWARF 5 §2.6), which may be of several pieces. */
import { ByteReader } from '../bytes/byte-reader';
import type { LocationPiece, VariableLocation } from '../c-types';
import type { ExpressionContext } from './expression-context';
import { MOST_OPERATIONS } from './location-expression';
import { StackMachine } from './stack-machine';
import { registerName } from './register-names';

const OP = {
  reg0: 0x50,
  reg31: 0x6f,
  regx: 0x90,
  piece: 0x93,
  form_tls_address: 0x9b,
  bit_piece: 0x9d,
  implicit_value: 0x9e,
  stack_value: 0x9f,
  implicit_pointer: 0xa0,
  GNU_push_tls_address: 0xe0,
  GNU_implicit_pointer: 0xf2,
} as const;

export const OPTIMIZED_OUT: VariableLocation = { kind: 'optimized out' };

const unavailable = (reason: string): VariableLocation => ({ kind: 'unavailable', reason });

/** What has been described since the last piece. */
type Simple =
  | { readonly kind: 'memory'; readonly address: bigint }
  | { readonly kind: 'register'; readonly register: number }
  | { readonly kind: 'value'; readonly bytes: Uint8Array }
  | { readonly kind: 'optimized out' };

/**
 * The location that an expression describes. Never throws; a register or memory that is not known makes it `unavailable`, as far as
 * the location takes it: whether a register that holds the variable is known, too.
 */
export function locationOf(expression: Uint8Array, context: ExpressionContext): VariableLocation {
  const reader = new ByteReader(expression);
  const machine = new StackMachine([], context);
  const pieces: LocationPiece[] = [];
  let simple: Simple | undefined;
  const current = (): Simple => {
    const { top } = machine;
    return simple ?? (top ? { kind: 'memory', address: top.bits } : { kind: 'optimized out' });
  };
  for (let left = MOST_OPERATIONS; reader.more(); left--) {
    if (left === 0) return unavailable('its location takes too long to compute');
    const op = reader.u8();
    if (op === OP.piece || op === OP.bit_piece) {
      const width = op === OP.piece ? reader.uleb() * 8 : reader.uleb();
      const offset = op === OP.piece ? 0 : reader.uleb();
      pieces.push(pieceOf(current(), width, offset, context));
      simple = undefined;
      machine.clear();
      continue;
    }
    const done = simpleLocation(op, reader, machine, context.variable?.offsetSize ?? 4);
    if (done !== undefined) simple = done;
    else if (op === OP.form_tls_address || op === OP.GNU_push_tls_address)
      return unavailable('it is thread-local, and threads have no such memory here');
    else if (!machine.execute(op, reader))
      return unavailable(machine.failure ?? 'its location is computed in a way that is not supported');
  }
  if (reader.failed()) return unavailable('its debug information is damaged');
  if (pieces.length === 0) {
    const whole = current();
    if (whole.kind === 'optimized out') return OPTIMIZED_OUT;
    pieces.push({ ...whole, width: undefined });
  }
  const unknown = pieces.find((piece) => piece.kind === 'register' && !isKnown(piece.register, context));
  if (unknown?.kind === 'register')
    return unavailable(`it is in ${registerName(unknown.register)}, which is not known in this frame`);
  return pieces.every(({ kind }) => kind === 'optimized out') ? OPTIMIZED_OUT : { kind: 'pieces', pieces };
}

/** Floating-point registers are the machine's business: a frame context does not have those. */
function isKnown(register: number, { registers }: ExpressionContext): boolean {
  return register === 0 || register >= 32 || registers.get(register) !== undefined;
}

/** An operation that describes a location by itself; `undefined` for one of the stack. */
function simpleLocation(
  op: number,
  reader: ByteReader,
  machine: StackMachine,
  offsetSize: number,
): Simple | undefined {
  if (op >= OP.reg0 && op <= OP.reg31) return { kind: 'register', register: op - OP.reg0 };
  switch (op) {
    case OP.regx:
      return { kind: 'register', register: reader.uleb() };
    case OP.implicit_value:
      return { kind: 'value', bytes: reader.block(reader.uleb()) };
    case OP.stack_value: {
      const { top } = machine;
      if (top === undefined) return undefined;
      return { kind: 'value', bytes: bytesOf(top.bits, top.type?.size ?? 8) };
    }
    // A pointer to what has no address.
    case OP.implicit_pointer:
    case OP.GNU_implicit_pointer:
      reader.skip(offsetSize);
      reader.skipLeb();
      return { kind: 'optimized out' };
    default:
      return undefined;
  }
}

function pieceOf(simple: Simple, width: number, offset: number, context: ExpressionContext): LocationPiece {
  if (offset === 0 || simple.kind === 'optimized out') return { ...simple, width };
  if (simple.kind === 'memory' && offset % 8 === 0) {
    return { kind: 'memory', address: simple.address + BigInt(offset / 8), width };
  }
  const bytes = bytesOfPlace(simple, offset + width, context);
  if (bytes === undefined) return { kind: 'optimized out', width };
  const value = bytes.reduceRight((all, byte) => (all << 8n) | BigInt(byte), 0n) >> BigInt(offset);
  return { kind: 'value', bytes: bytesOf(value, Math.ceil(width / 8)), width };
}

/** Wider than any register or bit-field. */
const WIDEST = 1024;

function bytesOfPlace(
  simple: Exclude<Simple, { kind: 'optimized out' }>,
  bits: number,
  { registers, memory }: ExpressionContext,
): Uint8Array | undefined {
  if (bits > WIDEST) return undefined;
  if (simple.kind === 'value') return simple.bytes;
  if (simple.kind === 'memory') return memory(simple.address, Math.ceil(bits / 8));
  const value = simple.register === 0 ? 0n : registers.get(simple.register);
  return value === undefined ? undefined : bytesOf(value, 8);
}

export function bytesOf(value: bigint, size: number): Uint8Array {
  let rest = value;
  return Uint8Array.from({ length: size }, () => {
    const byte = Number(rest & 0xffn);
    rest >>= 8n;
    return byte;
  });
}
