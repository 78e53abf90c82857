/** CSRs with their fields by name, from the same descriptions that the machine has. */
import type { Debuggee } from '../../debugger/api';
import { describeWord } from '../../debugger/symbolic';
import type { CsrDescription, TargetHart } from '../../target/target';
import { hex } from '../../unwind/hex';
import { causeName } from '../../unwind/trap-cause';
import { notWritable, unknownVariable } from '../errors';
import { CsrFields, fieldOf, writeCsr } from './csr-fields';
import { groupCsrs, memoryProtection } from './csr-groups';
import { rootTable } from './page-table-variables';
import { pmpSummary, pmpVariables } from './pmp-variables';
import { formatBits, type ValueFormat } from './value-formats';
import type { Variable, VariableContainer } from './variable';

/** Changes a register or the machine as a whole: the caller knows how to evaluate and whom to tell. */
export interface Editor {
  /** The value of what the user typed; throws a `RequestError`. */
  evaluate(text: string): bigint;
  /** After a register was changed: `values` if call stacks do not depend on it, so that the view stays as it is. */
  changed(what: 'stacks' | 'values'): void;
  /** A sentence for the user beside the answer. */
  say(sentence: string): void;
  /** How the user wants to see a register. */
  formatOf(register: string): ValueFormat;
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

/** More than this do not fit the view at once: they are shown by group. */
const mostInOneList = 24;

/** All CSRs of one privilege level that the hart has, in the manual's order. */
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
    const { hart, debuggee, editor } = this;
    const present = this.present();
    const groups = groupCsrs(present);
    if (present.length <= mostInOneList) {
      return groups.flatMap(({ csrs }) => new CsrList(csrs, hart, debuggee, editor).list());
    }
    return groups.map(({ name, csrs }) => ({
      name,
      value: name === memoryProtection ? pmpSummary(hart) : csrs.map((csr) => csr.name).join(' '),
      children:
        name === memoryProtection
          ? new Protection(csrs, hart, debuggee, editor)
          : new CsrList(csrs, hart, debuggee, editor),
      readOnly: true,
    }));
  }

  assign(name: string, text: string): Variable {
    const { hart, debuggee, editor } = this;
    return new CsrList(this.present(), hart, debuggee, editor).assign(name, text);
  }

  private present(): readonly CsrDescription[] {
    return this.debuggee.target.csrs.filter(
      ({ address }) => ((address >> 8) & 3) === this.level && this.hart.getCsr(address) !== undefined,
    );
  }
}

class CsrList implements VariableContainer {
  protected readonly csrs: readonly CsrDescription[];
  protected readonly hart: TargetHart;
  protected readonly editor: Editor;
  private readonly debuggee: Debuggee;

  constructor(csrs: readonly CsrDescription[], hart: TargetHart, debuggee: Debuggee, editor: Editor) {
    this.csrs = csrs;
    this.hart = hart;
    this.debuggee = debuggee;
    this.editor = editor;
  }

  list(): readonly Variable[] {
    return this.csrs.map((csr) => csrVariable(csr, this.hart, this.debuggee, this.editor));
  }

  assign(name: string, text: string): Variable {
    const csr = this.csrs.find((candidate) => candidate.name === name);
    if (!csr) throw unknownVariable(name);
    const wanted = this.editor.evaluate(text);
    const value = writeCsr(csr, this.hart, wanted);
    this.editor.changed('values');
    if (value !== wanted) {
      this.editor.say(
        `${name} is ${hex(value)}, not ${hex(wanted)}: the hart takes only legal values (WARL).`,
      );
    }
    return csrVariable(csr, this.hart, this.debuggee, this.editor);
  }
}

/** The entries of PMP, and the registers that they are made of. */
class Protection extends CsrList {
  override list(): readonly Variable[] {
    return [...pmpVariables(this.csrs, this.hart, this.editor), ...super.list()];
  }

  override assign(name: string, text: string): Variable {
    if (/^pmp\d+$/.test(name)) throw notWritable(name, 'change its fields, or pmpcfg and pmpaddr');
    return super.assign(name, text);
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
  const more = csr.name === 'satp' ? () => rootTable(hart, debuggee) : undefined;
  return {
    name: csr.name,
    value: describeCsr(csr, value, hart, debuggee, editor.formatOf(csr.name)),
    type: csr.description,
    evaluateName: `$${csr.name}`,
    isRegister: true,
    ...(csr.fields.length > 0 && { children: new CsrFields(csr, hart, editor, more) }),
    ...(addressRegisters.has(csr.name) && { memoryReference: hex(value) }),
  };
}

/** `0x102 [SIE SPP=supervisor]`: the number, and what its bits mean. */
export function describeCsr(
  csr: CsrDescription,
  value: bigint,
  hart: TargetHart,
  debuggee: Debuggee,
  format: ValueFormat,
): string {
  const number = formatBits(value, format);
  if (causeRegisters.has(csr.name)) return `${number} (${causeName(value)})`;
  if (addressRegisters.has(csr.name)) {
    return format === 'symbol' ? describeWord(value, hart, debuggee) : number;
  }
  const set = csr.fields.flatMap((field) => {
    const bits = fieldOf(value, field);
    if (bits === 0n) return [];
    if (field.high === field.low && field.values === undefined) return [field.name];
    return [`${field.name}=${field.values?.[Number(bits)] ?? hex(bits)}`];
  });
  return set.length === 0 ? number : `${number} [${set.join(' ')}]`;
}
