/** Physical memory protection entry by entry, each with the fields that its registers have. */
import { describePmp, pmpEntries, type PmpEntry } from '../../debugger/paging/pmp';
import type { CsrDescription, TargetHart } from '../../target/target';
import { unknownVariable } from '../errors';
import type { Editor } from './csr-variables';
import { CsrFields, fieldVariable } from './csr-fields';
import type { Variable, VariableContainer } from './variable';

/** `pmp0: NAPOT [0x80000000, 0x80200000) RWX L`, with R, W, X, A and L to change. */
export function pmpVariables(
  csrs: readonly CsrDescription[],
  hart: TargetHart,
  editor: Editor,
): readonly Variable[] {
  return pmpEntries((address) => hart.getCsr(address)).map((entry) => {
    const config = csrs.find(({ fields }) => fields.some(({ name }) => name === `R${entry.index}`));
    return {
      name: `pmp${entry.index}`,
      value: describePmp(entry),
      type: 'A region of physical memory; the first that matches an access decides',
      ...(config && { children: new PmpFields(entry, config, hart, editor) }),
    };
  });
}

/** `2 of 16 entries are in use`. */
export function pmpSummary(hart: TargetHart): string {
  const entries = pmpEntries((address) => hart.getCsr(address));
  const used = entries.filter(({ mode }) => mode !== 'OFF').length;
  return `${used} of ${entries.length} entries ${used === 1 ? 'is' : 'are'} in use`;
}

/** The fields of one entry: `R0` of pmpcfg0 is its `R`. */
class PmpFields implements VariableContainer {
  private readonly index: number;
  private readonly config: CsrDescription;
  private readonly hart: TargetHart;
  private readonly fields: CsrFields;

  constructor({ index }: PmpEntry, config: CsrDescription, hart: TargetHart, editor: Editor) {
    this.index = index;
    this.config = config;
    this.hart = hart;
    this.fields = new CsrFields(config, hart, editor);
  }

  list(): readonly Variable[] {
    const value = this.hart.getCsr(this.config.address) ?? 0n;
    return this.config.fields
      .filter(({ name }) => name.slice(1) === `${this.index}`)
      .map((field) => ({ ...fieldVariable(field, value), name: field.name.slice(0, 1) }));
  }

  assign(name: string, text: string): Variable {
    if (!/^[A-Z]$/.test(name)) throw unknownVariable(name);
    return { ...this.fields.assign(`${name}${this.index}`, text), name };
  }
}
