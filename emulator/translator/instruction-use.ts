import type { FieldName } from '../isa/encoding';
import type { Instruction } from '../isa/instruction';
import type { AccessSize, Emitter, LoadKind } from '../isa/semantics';
import type { I32, I64, Statement } from '../wasm/expression';
import { nothing } from '../wasm/expression';
import { loads } from '../wasm/memory-access';

/** A register that an instruction names. */
interface RegisterUse {
  readonly field: FieldName;
  readonly file: 'x' | 'f';
  readonly written: boolean;
}

/** A load or a store at rs1 + imm. */
interface MemoryUse {
  readonly isStore: boolean;
  /** Bytes. */
  readonly size: AccessSize;
}

/** What the translator needs to know of an instruction. */
interface InstructionUse {
  readonly registers: readonly RegisterUse[];
  /** Absent for atomics, whose misaligned accesses trap. */
  readonly access: MemoryUse | undefined;
  /** TypeScript executes it, or it changes what translated code relies on (privilege, address space): left to the interpreter. */
  readonly isSystem: boolean;
  /** It accesses a CSR, which is as much but for sstatus. */
  readonly isCsrAccess: boolean;
  /** It is illegal while the floating-point unit is off. */
  readonly needsFloat: boolean;
}

const known = new Map<Instruction, InstructionUse>();

/** Read off the encoding and the semantics. */
export function useOf(instruction: Instruction): InstructionUse {
  let use = known.get(instruction);
  if (!use) {
    const recorder = new Recorder();
    instruction.semantics(recorder);
    const { access, isSystem, isCsrAccess, isFloat } = recorder;
    const registers = registersOf(instruction);
    known.set(instruction, (use = { registers, access, isSystem, isCsrAccess, needsFloat: isFloat }));
  }
  return use;
}

const registersOf = ({ encoding }: Instruction): RegisterUse[] =>
  encoding.fields
    .map(({ name }) => name)
    .filter((name) => /^f?r[ds]\d?$/.test(name))
    .map((field) => ({ field, file: field.startsWith('f') ? 'f' : 'x', written: field.endsWith('rd') }));

/** Code that is never written anywhere. */
const none: I64 & I32 = () => undefined;

/** Semantics are asked for what they do, not for code. */
class Recorder implements Emitter {
  access: MemoryUse | undefined;
  isSystem = false;
  isCsrAccess = false;
  isFloat = false;

  readonly rs1 = none;
  readonly rs2 = none;
  readonly frs1 = none;
  readonly frs2 = none;
  readonly frs3 = none;
  readonly imm = none;
  readonly zimm = none;
  readonly pc = none;
  readonly nextPc = none;
  readonly fcsr = none;
  readonly roundingMode = none;
  readonly inexactAccrued = none;
  readonly time = none;

  writeRd = (): Statement => nothing;
  writeFrd = (): Statement => nothing;
  bind = (value: I64, use: (value: I64) => I64): I64 => use(value);
  atomicUpdate = (): I64 => none;
  loadReserved = (): I64 => none;
  storeConditional = (): I64 => none;
  branch = (): Statement => nothing;
  jumpRelative = (): Statement => nothing;
  jump = (): Statement => nothing;
  float = (): Statement => nothing;
  writeFcsr = (): Statement => nothing;

  load(kind: LoadKind): I64 {
    this.access = { isStore: false, size: loads[kind].size };
    return none;
  }

  store(size: AccessSize): Statement {
    this.access = { isStore: true, size };
    return nothing;
  }

  zeroBlock(): Statement {
    return nothing;
  }

  needsFloat(body: Statement): Statement {
    this.isFloat = true;
    return body;
  }

  csr(): I64 {
    this.isCsrAccess = true;
    return none;
  }

  perform(): Statement {
    this.isSystem = true;
    return nothing;
  }
}
