/** Executes call frame instructions (DWARF 5 §6.4.2) up to the row that covers an address. */
import type { CallFrameRow, CfaRule, RegisterRule } from '../api';
import { ByteReader } from '../bytes/byte-reader';
import type { CommonEntry, DescriptionEntry, FrameSection, Instructions } from './call-frame-entries';
import { readEncodedPointer } from './encoded-pointer';

/** DWARF 5 §7.24, and the extensions of GNU. The upper two bits of the first three are the opcode. */
const CFA = {
  advance_loc: 0x40,
  offset: 0x80,
  restore: 0xc0,
  nop: 0x00,
  set_loc: 0x01,
  advance_loc1: 0x02,
  advance_loc2: 0x03,
  advance_loc4: 0x04,
  offset_extended: 0x05,
  restore_extended: 0x06,
  undefined: 0x07,
  same_value: 0x08,
  register: 0x09,
  remember_state: 0x0a,
  restore_state: 0x0b,
  def_cfa: 0x0c,
  def_cfa_register: 0x0d,
  def_cfa_offset: 0x0e,
  def_cfa_expression: 0x0f,
  expression: 0x10,
  offset_extended_sf: 0x11,
  def_cfa_sf: 0x12,
  def_cfa_offset_sf: 0x13,
  val_offset: 0x14,
  val_offset_sf: 0x15,
  val_expression: 0x16,
  MIPS_advance_loc8: 0x1d,
  GNU_args_size: 0x2e,
  GNU_negative_offset_extended: 0x2f,
} as const;

/**
 * x0 to x31, f0 to f31 and the alternate return address (RISC-V psABI, "DWARF Register Numbers"). Rules of vector registers
 * and CSRs are read and forgotten.
 */
const REGISTERS = 65;
/** Compilers nest states once or twice. */
const MOST_REMEMBERED = 64;

interface State {
  readonly cfa: CfaRule | undefined;
  readonly rules: ReadonlyMap<number, RegisterRule>;
}

/** The row of an FDE that covers an address; `undefined` if its instructions are damaged on the way there. */
export function rowAt(
  section: FrameSection,
  { common, start, end, instructions }: DescriptionEntry,
  address: bigint,
): CallFrameRow | undefined {
  const initial = new CallFrameProgram(section, common, start, undefined);
  // The CIE's instructions say how all of its functions begin: none of them advances.
  if (!initial.run(common.instructions, end)) return undefined;
  const program = new CallFrameProgram(section, common, start, initial.state);
  if (!program.run(instructions, address)) return undefined;
  const { cfa, rules } = program.state;
  if (cfa === undefined) return undefined;
  return {
    start: program.location,
    end: program.next !== undefined && program.next < end ? program.next : end,
    cfa,
    rules,
    returnAddressRegister: common.returnAddressRegister,
    isSignalFrame: common.isSignalFrame,
  };
}

class CallFrameProgram {
  /** Where the current row begins. */
  location: bigint;
  /** Where the row after the one that was asked for begins. */
  next: bigint | undefined;
  readonly #section: FrameSection;
  readonly #common: CommonEntry;
  /** What `restore` goes back to. */
  readonly #initial: State | undefined;
  readonly #remembered: State[] = [];
  #cfa: CfaRule | undefined;
  #rules: Map<number, RegisterRule>;

  constructor(section: FrameSection, common: CommonEntry, start: bigint, initial: State | undefined) {
    this.#section = section;
    this.#common = common;
    this.#initial = initial;
    this.location = start;
    this.#cfa = initial?.cfa;
    this.#rules = new Map(initial?.rules);
  }

  get state(): State {
    return { cfa: this.#cfa, rules: this.#rules };
  }

  /** Runs to the last row at or before an address; false if what leads there is damaged. */
  run({ start, end }: Instructions, address: bigint): boolean {
    const reader = new ByteReader(this.#section.bytes, start, end);
    while (reader.more()) {
      const byte = reader.u8();
      const location = this.#advanced(reader, byte);
      if (location === undefined) {
        if (!this.#define(reader, byte)) return false;
        continue;
      }
      if (reader.failed() || location < this.location) return false;
      if (location > address) {
        this.next = location;
        return true;
      }
      this.location = location;
    }
    return !reader.failed();
  }

  /** The location that an instruction advances to; `undefined` if it does something else. */
  #advanced(reader: ByteReader, byte: number): bigint | undefined {
    switch (byte & 0xc0 || byte) {
      case CFA.advance_loc:
        return this.#after(byte & 0x3f);
      case CFA.advance_loc1:
        return this.#after(reader.u8());
      case CFA.advance_loc2:
        return this.#after(reader.u16());
      case CFA.advance_loc4:
        return this.#after(reader.u32());
      case CFA.MIPS_advance_loc8:
        return this.#after(reader.size64());
      case CFA.set_loc: {
        const { pointerEncoding, addressSize, segmentSize } = this.#common;
        reader.skip(segmentSize);
        return pointerEncoding === undefined
          ? reader.unsigned(addressSize)
          : readEncodedPointer(reader, pointerEncoding, this.#section.address);
      }
      default:
        return undefined;
    }
  }

  #after(distance: number): bigint {
    return this.location + BigInt(distance) * BigInt(this.#common.codeFactor);
  }

  /** Executes an instruction that changes the row; false for an unknown or damaged one. */
  #define(reader: ByteReader, byte: number): boolean {
    switch (byte & 0xc0 || byte) {
      case CFA.offset:
        this.#set(byte & 0x3f, { kind: 'offset', offset: this.#factored(reader.uleb()) });
        break;
      case CFA.restore:
        this.#restore(byte & 0x3f);
        break;
      case CFA.nop:
        break;
      case CFA.offset_extended:
        this.#set(reader.uleb(), { kind: 'offset', offset: this.#factored(reader.uleb()) });
        break;
      case CFA.offset_extended_sf:
        this.#set(reader.uleb(), { kind: 'offset', offset: this.#factored(reader.sleb()) });
        break;
      case CFA.GNU_negative_offset_extended:
        this.#set(reader.uleb(), { kind: 'offset', offset: this.#factored(-reader.uleb()) });
        break;
      case CFA.val_offset:
        this.#set(reader.uleb(), { kind: 'value offset', offset: this.#factored(reader.uleb()) });
        break;
      case CFA.val_offset_sf:
        this.#set(reader.uleb(), { kind: 'value offset', offset: this.#factored(reader.sleb()) });
        break;
      case CFA.restore_extended:
        this.#restore(reader.uleb());
        break;
      case CFA.undefined:
        this.#set(reader.uleb(), { kind: 'undefined' });
        break;
      case CFA.same_value:
        this.#set(reader.uleb(), { kind: 'same' });
        break;
      case CFA.register:
        this.#set(reader.uleb(), { kind: 'register', register: reader.uleb() });
        break;
      case CFA.expression:
        this.#set(reader.uleb(), { kind: 'expression', expression: reader.block(reader.uleb()) });
        break;
      case CFA.val_expression:
        this.#set(reader.uleb(), { kind: 'value expression', expression: reader.block(reader.uleb()) });
        break;
      case CFA.remember_state:
        if (this.#remembered.length === MOST_REMEMBERED) return false;
        this.#remembered.push({ cfa: this.#cfa, rules: new Map(this.#rules) });
        break;
      case CFA.restore_state: {
        const state = this.#remembered.pop();
        if (state === undefined) return false;
        this.#cfa = state.cfa;
        this.#rules = new Map(state.rules);
        break;
      }
      case CFA.def_cfa:
        this.#cfa = { kind: 'register', register: reader.uleb(), offset: BigInt(reader.uleb()) };
        break;
      case CFA.def_cfa_sf:
        this.#cfa = { kind: 'register', register: reader.uleb(), offset: this.#factored(reader.sleb()) };
        break;
      case CFA.def_cfa_register: {
        // gcc's CIEs for RISC-V begin with it and mean an offset of 0.
        if (this.#cfa?.kind === 'expression') return false;
        this.#cfa = { kind: 'register', register: reader.uleb(), offset: this.#cfa?.offset ?? 0n };
        break;
      }
      case CFA.def_cfa_offset:
        return this.#defineOffset(reader, BigInt(reader.uleb()));
      case CFA.def_cfa_offset_sf:
        return this.#defineOffset(reader, this.#factored(reader.sleb()));
      case CFA.def_cfa_expression:
        this.#cfa = { kind: 'expression', expression: reader.block(reader.uleb()) };
        break;
      case CFA.GNU_args_size:
        reader.skipLeb();
        break;
      default:
        return false;
    }
    return !reader.failed();
  }

  #factored(value: number): bigint {
    return BigInt.asIntN(64, BigInt(value) * BigInt(this.#common.dataFactor));
  }

  #set(register: number, rule: RegisterRule): void {
    if (register < REGISTERS) this.#rules.set(register, rule);
  }

  #restore(register: number): void {
    const rule = this.#initial?.rules.get(register);
    if (rule === undefined) this.#rules.delete(register);
    else this.#rules.set(register, rule);
  }

  #defineOffset(reader: ByteReader, offset: bigint): boolean {
    if (this.#cfa?.kind !== 'register') return false;
    this.#cfa = { ...this.#cfa, offset };
    return !reader.failed();
  }
}
