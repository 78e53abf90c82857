/** CSRs with their fields by name, from the same descriptions that the machine has. */
import type { Debuggee } from '../../debugger/api';
import type { CsrDescription, CsrField, TargetHart } from '../../target/target';
import { hex } from '../../unwind/hex';
import { causeName } from '../../unwind/trap-cause';
import { badValue, notWritable, unknownVariable } from '../errors';
import type { Variable, VariableContainer } from './variable';
import { describeWord } from '../../debugger/symbolic';

/** Changes a CSR or the machine as a whole: the caller knows how to evaluate and whom to tell. */
export interface Editor {
  /** The value of what the user typed; throws a `RequestError`. */
  evaluate(text: string): bigint;
  /** After a register was changed. */
  changed(): void;
}

/** Bits 9 and 8 of a CSR's number are the lowest privilege that may access it (priv 1.13 §2.1). */
export const csrGroups = [
  { name: 'Supervisor CSRs', level: 1 },
  { name: 'Machine CSRs', level: 3 },
  { name: 'Unprivileged CSRs', level: 0 },
] as const;

const causeRegisters = new Set(['scause', 'mcause']);
const addressRegisters = new Set([
  'stvec',
  'mtvec',
  'sepc',
  'mepc',
  'stval',
  'mtval',
  'sscratch',
  'mscratch',
]);

/** All CSRs of one privilege level that the hart has. */
export class CsrGroup implements VariableContainer {
  private readonly level: number;
  private readonly hart: TargetHart;
  private readonly debuggee: Debuggee;
  private readonly editor: Editor;

  constructor(level: number, hart: TargetHart, debuggee: Debuggee, editor: Editor) {
    this.level = level;
    this.hart = hart;
    this.debuggee = debuggee;
    this.editor = editor;
  }

  get isEmpty(): boolean {
    return this.present().length === 0;
  }

  list(): readonly Variable[] {
    return this.present().map((csr) => csrVariable(csr, this.hart, this.debuggee, this.editor));
  }

  assign(name: string, text: string): Variable {
    const csr = this.present().find((candidate) => candidate.name === name);
    if (!csr) throw unknownVariable(name);
    writeCsr(csr, this.hart, this.editor.evaluate(text));
    this.editor.changed();
    return csrVariable(csr, this.hart, this.debuggee, this.editor);
  }

  private present(): readonly CsrDescription[] {
    return this.debuggee.target.csrs.filter(
      ({ address }) => ((address >> 8) & 3) === this.level && this.hart.getCsr(address) !== undefined,
    );
  }
}

/** One CSR with its fields as children. */
export function csrVariable(
  csr: CsrDescription,
  hart: TargetHart,
  debuggee: Debuggee,
  editor: Editor,
): Variable {
  const value = hart.getCsr(csr.address) ?? 0n;
  return {
    name: csr.name,
    value: describeCsr(csr, value, hart, debuggee),
    type: csr.description,
    evaluateName: `$${csr.name}`,
    ...(csr.fields.length > 0 && { children: new CsrFields(csr, hart, editor) }),
    ...(addressRegisters.has(csr.name) && { memoryReference: hex(value) }),
  };
}

function describeCsr(csr: CsrDescription, value: bigint, hart: TargetHart, debuggee: Debuggee): string {
  if (causeRegisters.has(csr.name)) return `${hex(value)} (${causeName(value)})`;
  if (addressRegisters.has(csr.name)) return describeWord(value, hart, debuggee);
  const set = csr.fields.flatMap((field) => {
    const bits = fieldOf(value, field);
    if (bits === 0n) return [];
    if (field.high === field.low && field.values === undefined) return [field.name];
    return [`${field.name}=${field.values?.[Number(bits)] ?? hex(bits)}`];
  });
  return set.length === 0 ? hex(value) : `${hex(value)} [${set.join(' ')}]`;
}

class CsrFields implements VariableContainer {
  private readonly csr: CsrDescription;
  private readonly hart: TargetHart;
  private readonly editor: Editor;

  constructor(csr: CsrDescription, hart: TargetHart, editor: Editor) {
    this.csr = csr;
    this.hart = hart;
    this.editor = editor;
  }

  list(): readonly Variable[] {
    const value = this.hart.getCsr(this.csr.address) ?? 0n;
    return this.csr.fields.map((field) => fieldVariable(field, value));
  }

  assign(name: string, text: string): Variable {
    const field = this.csr.fields.find((candidate) => candidate.name === name);
    if (!field) throw unknownVariable(name);
    const bits = namedValue(field, text) ?? this.editor.evaluate(text);
    if (bits > mask(field)) {
      throw badValue(text, `${name} has ${field.high - field.low + 1} bits, so at most ${hex(mask(field))}`);
    }
    const low = BigInt(field.low);
    const old = this.hart.getCsr(this.csr.address) ?? 0n;
    writeCsr(this.csr, this.hart, (old & ~(mask(field) << low)) | (bits << low));
    this.editor.changed();
    return fieldVariable(field, this.hart.getCsr(this.csr.address) ?? 0n);
  }
}

function fieldVariable(field: CsrField, value: bigint): Variable {
  const bits = fieldOf(value, field);
  const meaning = field.values?.[Number(bits)];
  const place = field.high === field.low ? `bit ${field.low}` : `bits ${field.high}:${field.low}`;
  return {
    name: field.name,
    value: meaning === undefined ? hex(bits) : `${hex(bits)} (${meaning})`,
    type: `${field.description} (${place})`,
  };
}

function fieldOf(value: bigint, field: CsrField): bigint {
  return (value >> BigInt(field.low)) & mask(field);
}

function mask({ high, low }: CsrField): bigint {
  return (1n << BigInt(high - low + 1)) - 1n;
}

/** The bits for a value given by its name: `supervisor` for SPP. */
function namedValue({ values }: CsrField, text: string): bigint | undefined {
  const named = Object.entries(values ?? {}).find(([, name]) => name === text.trim());
  return named && BigInt(named[0]);
}

/** The two highest bits of a CSR's number are set if it is read-only (priv 1.13 §2.1). */
function writeCsr(csr: CsrDescription, hart: TargetHart, value: bigint): void {
  if (csr.address >> 10 === 3) throw notWritable(csr.name, 'the register is read-only');
  if (!hart.setCsr(csr.address, value))
    throw notWritable(csr.name, 'this machine does not let it be written');
}
