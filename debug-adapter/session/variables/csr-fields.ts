/** Fields of CSRs: reading, describing and writing one of them. */
import type { CsrDescription, CsrField, TargetHart } from '../../target/target';
import { hex } from '../../unwind/hex';
import { badValue, notWritable, unknownVariable } from '../errors';
import type { Editor } from './csr-variables';
import type { Variable, VariableContainer } from './variable';

export class CsrFields implements VariableContainer {
  private readonly csr: CsrDescription;
  private readonly hart: TargetHart;
  private readonly editor: Editor;
  private readonly more: () => readonly Variable[];

  /** `more`: what else the register leads to. */
  constructor(
    csr: CsrDescription,
    hart: TargetHart,
    editor: Editor,
    more: () => readonly Variable[] = () => [],
  ) {
    this.csr = csr;
    this.hart = hart;
    this.editor = editor;
    this.more = more;
  }

  list(): readonly Variable[] {
    const value = this.hart.getCsr(this.csr.address) ?? 0n;
    return [...this.csr.fields.map((field) => fieldVariable(field, value)), ...this.more()];
  }

  assign(name: string, text: string): Variable {
    const { csr, hart, editor } = this;
    const field = csr.fields.find((candidate) => candidate.name === name);
    if (!field) throw unknownVariable(name);
    const bits = namedValue(field, text) ?? editor.evaluate(text);
    if (bits > mask(field)) {
      throw badValue(text, `${name} has ${field.high - field.low + 1} bits, so at most ${hex(mask(field))}`);
    }
    const low = BigInt(field.low);
    const old = hart.getCsr(csr.address) ?? 0n;
    const value = writeCsr(csr, hart, (old & ~(mask(field) << low)) | (bits << low));
    editor.changed('values');
    const variable = fieldVariable(field, value);
    if (fieldOf(value, field) !== bits) {
      editor.say(
        `${csr.name}.${name} is ${variable.value}: the hart does not take ${text.trim()} there (WARL).`,
      );
    }
    return variable;
  }
}

export function fieldVariable(field: CsrField, value: bigint): Variable {
  return {
    name: field.name,
    value: fieldText(field, value),
    type: `${field.description} (${fieldPlace(field)})`,
  };
}

/** `0x1 (supervisor)`. */
export function fieldText(field: CsrField, value: bigint): string {
  const bits = fieldOf(value, field);
  const meaning = field.values?.[Number(bits)];
  return meaning === undefined ? hex(bits) : `${hex(bits)} (${meaning})`;
}

/** `bit 8`, `bits 12:11`. */
export const fieldPlace = ({ high, low }: CsrField): string =>
  high === low ? `bit ${low}` : `bits ${high}:${low}`;

export function fieldOf(value: bigint, field: CsrField): bigint {
  return (value >> BigInt(field.low)) & mask(field);
}

function mask({ high, low }: CsrField): bigint {
  return (1n << BigInt(high - low + 1)) - 1n;
}

/** The bits for a value given by its name: `supervisor` for SPP. As it is shown, too: `0x1 (supervisor)`. */
function namedValue({ values }: CsrField, text: string): bigint | undefined {
  const name = text.trim();
  const named = Object.entries(values ?? {}).find(
    ([bits, meaning]) => name === meaning || name === `${hex(BigInt(bits))} (${meaning})`,
  );
  return named && BigInt(named[0]);
}

/** What the register holds then. The two highest bits of a CSR's number are set if it is read-only (priv 1.13 §2.1). */
export function writeCsr(csr: CsrDescription, hart: TargetHart, value: bigint): bigint {
  if (csr.address >> 10 === 3) throw notWritable(csr.name, 'the register is read-only');
  if (!hart.setCsr(csr.address, value)) {
    throw notWritable(csr.name, 'this machine does not let it be written');
  }
  return hart.getCsr(csr.address) ?? 0n;
}
