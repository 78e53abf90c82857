/** The scope of a hart's float registers: each as a number, and as the bits that it holds. */
import type { Debuggee } from '../../debugger/api';
import type { TargetHart } from '../../target/target';
import { hex } from '../../unwind/hex';
import { badValue, unknownVariable } from '../errors';
import type { Editor } from './csr-variables';
import type { Variable, VariableContainer } from './variable';

const indices = Array.from({ length: 32 }, (_, index) => index);

/** A single has ones above it (unpriv §21.2, NaN boxing). */
const BOX = 0xffff_ffff_0000_0000n;
const isSingle = (bits: bigint): boolean => bits >= BOX;

export class FloatScope implements VariableContainer {
  private readonly hart: TargetHart;
  private readonly debuggee: Debuggee;
  private readonly editor: Editor;

  constructor(hart: TargetHart, debuggee: Debuggee, editor: Editor) {
    this.hart = hart;
    this.debuggee = debuggee;
    this.editor = editor;
  }

  list(): readonly Variable[] {
    return indices.map((index) => this.variable(index));
  }

  /** What looks like a number with a fraction is one, of the precision that the register holds; all else is bits. */
  assign(name: string, text: string): Variable {
    const index = indices.find((each) => this.debuggee.target.floatRegisterName(each) === name);
    if (index === undefined) throw unknownVariable(name);
    const number = parseNumber(text);
    const single = isSingle(this.hart.getF(index) ?? 0n);
    this.hart.setF(index, number === undefined ? this.editor.evaluate(text) : toBits(number, single));
    this.editor.changed('values');
    return this.variable(index);
  }

  private variable(index: number): Variable {
    const bits = this.hart.getF(index) ?? 0n;
    return {
      name: this.debuggee.target.floatRegisterName(index),
      value: describeFloat(bits),
      children: new FloatViews(index, this.hart, this.editor),
    };
  }
}

/** A register read as a double, as a single, and as bits; each can be written. */
class FloatViews implements VariableContainer {
  private readonly index: number;
  private readonly hart: TargetHart;
  private readonly editor: Editor;

  constructor(index: number, hart: TargetHart, editor: Editor) {
    this.index = index;
    this.hart = hart;
    this.editor = editor;
  }

  list(): readonly Variable[] {
    const bits = this.hart.getF(this.index) ?? 0n;
    const single = decimal(asSingle(bits), true);
    return [
      { name: 'double', value: decimal(asDouble(bits), false), type: 'All 64 bits as a double' },
      {
        name: 'single',
        value: isSingle(bits) ? single : `nan (not boxed; the lower half is ${single})`,
        type: 'As instructions for singles read it: not a number unless the upper half is ones',
      },
      { name: 'bits', value: `0x${bits.toString(16).padStart(16, '0')}` },
    ];
  }

  assign(name: string, text: string): Variable {
    const write = (bits: bigint): void => this.hart.setF(this.index, bits);
    if (name === 'bits') write(this.editor.evaluate(text));
    else if (name === 'double' || name === 'single') {
      const number = parseNumber(/^\s*[+-]?\d+\s*$/.test(text) ? `${text.trim()}.0` : text);
      if (number === undefined) throw badValue(text, 'it is no number such as 1.5, -2e10, inf or nan');
      write(toBits(number, name === 'single'));
    } else throw unknownVariable(name);
    this.editor.changed('values');
    return this.list().find((variable) => variable.name === name)!;
  }
}

/** `1.5 (0x3ff8000000000000)`, `1.5 single (0xffffffff3fc00000)`, `-inf (…)`, `nan (…)`. */
export function describeFloat(bits: bigint): string {
  return isSingle(bits)
    ? `${decimal(asSingle(bits), true)} single (${hex(bits)})`
    : `${decimal(asDouble(bits), false)} (${hex(bits)})`;
}

function viewOf(bits: bigint): DataView {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return view;
}

const asSingle = (bits: bigint): number => viewOf(bits).getFloat32(4);
const asDouble = (bits: bigint): number => viewOf(bits).getFloat64(0);

/** The shortest decimal number that is rounded to this one. */
function decimal(value: number, single: boolean): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0';
  return String(single ? shortestSingle(value) : value);
}

/** Nine digits tell all singles apart. */
function shortestSingle(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return Number(value.toPrecision(9));
}

function parseNumber(text: string): number | undefined {
  const [, sign, name] = /^\s*(-?)(inf|nan)\s*$/i.exec(text) ?? [];
  if (name !== undefined) {
    const value = name.toLowerCase() === 'nan' ? NaN : Infinity;
    return sign === '-' ? -value : value;
  }
  return /^\s*[+-]?(\d+\.\d*|\.\d+|\d+(?=e))(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : undefined;
}

function toBits(value: number, single: boolean): bigint {
  const view = new DataView(new ArrayBuffer(8));
  if (!single) {
    view.setFloat64(0, value);
    return view.getBigUint64(0);
  }
  view.setFloat32(4, value);
  return BOX | view.getBigUint64(0);
}
