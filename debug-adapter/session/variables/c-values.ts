/** C values in the variables view: what they show of themselves, and their members, elements and targets. */
import type { Debuggee } from '../../debugger/api';
import { FrameMachine, type Standpoint } from '../../debugger/expression/frame-machine';
import { assignAt, textOptions } from '../../debugger/expressions';
import type { NumberFormat } from '../../debugger/values/format';
import { bytesOf } from '../../debugger/watch-target';
import { fullText, resultText, type TextOptions } from '../../debugger/values/text';
import { elementCount, elementsOf, membersOf, pointedTo } from '../../debugger/values/value';
import type { CType } from '../../symbols/c-types';
import type { ExpressionResult, ExpressionValue } from '../../symbols/expression/evaluate';
import { integerForm, isAggregate, isCharacter, plain } from '../../symbols/expression/types';
import { typeText } from '../../symbols/expression/type-text';
import { hex } from '../../unwind/hex';
import { notWritable, unknownVariable } from '../errors';
import type { Elements, Variable, VariableContainer, VariablePlace } from './variable';

/** Where values are read and changed, and how they are shown. */
export interface ValueView {
  readonly standpoint: Standpoint;
  readonly debuggee: Debuggee;
  readonly format: NumberFormat | undefined;
  /** All of a value instead of one line. */
  readonly full?: boolean;
  /** After something was changed. */
  readonly changed: () => void;
}

/**
 * A value with its children.
 * @param expression what it can be evaluated by again, if anything
 * @param declared its type, where there may be no value
 */
export function cVariable(
  name: string,
  result: ExpressionResult,
  expression: string | undefined,
  view: ValueView,
  declared?: CType,
): Variable {
  const text = resultText(result, optionsOf(view));
  if (!result.ok) {
    const place = nowhere(name);
    return { name, value: text, ...(declared && { type: typeText(declared) }), place, readOnly: true };
  }
  const reference = referenceOf(result);
  const children = childrenOf(result, expression, view);
  return {
    name,
    value: text,
    type: typeText(result.type),
    ...(children && { children }),
    ...(expression !== undefined && { evaluateName: expression }),
    ...(reference !== undefined && { memoryReference: hex(reference) }),
    place: placeOf(name, result),
    readOnly: result.place === undefined,
  };
}

function optionsOf({ standpoint, debuggee, format, full }: ValueView): TextOptions {
  return { ...textOptions(standpoint, debuggee), format, ...(full === true && fullText) };
}

/** What the memory view opens at: where a pointer points to, else where a value is. */
function referenceOf({ type, scalar, place }: ExpressionValue): bigint | undefined {
  const isPointer = plain(type).kind === 'pointer';
  if (isPointer && typeof scalar === 'bigint') return scalar;
  if (place?.kind === 'memory') return place.address;
  // Registers and what is computed of them are addresses, more often than not; what is signed is none.
  const form = integerForm(plain(type));
  return typeof scalar === 'bigint' && form?.size === 8 && !form.signed ? scalar : undefined;
}

function placeOf(name: string, value: ExpressionValue): VariablePlace {
  const bytes = bytesOf(value);
  return bytes ? { kind: 'memory', ...bytes } : nowhere(name);
}

const nowhere = (name: string): VariablePlace => ({
  kind: 'none',
  message: `'${name}' is not in memory here, so it cannot be watched.`,
});

function childrenOf(
  value: ExpressionValue,
  expression: string | undefined,
  view: ValueView,
): VariableContainer | undefined {
  const type = plain(value.type);
  if (isAggregate(type)) return value.place && new Members(value, expression, '.', view);
  if (type.kind === 'array') {
    const count = elementCount(value);
    return count === undefined || count === 0 ? undefined : new ElementsOf(value, count, expression, view);
  }
  if (type.kind !== 'pointer' || isCharacter(type.target)) return undefined;
  if (value.scalar === 0n || ['void', 'function', 'unknown'].includes(plain(type.target).kind))
    return undefined;
  return new Target(value, expression, view);
}

/** An operand that `.`, `->` or `[` can follow. */
function operand(expression: string): string {
  const isPostfix = /^(?:\$?[\w.]+|\$\w+\([^()]*\))(?:(?:\.|->)[\w.]+|\[\d+\])*$/.test(expression);
  return isPostfix ? expression : `(${expression})`;
}

interface Child {
  readonly name: string;
  readonly result: ExpressionResult;
  readonly expression: string | undefined;
}

abstract class Children implements VariableContainer {
  protected readonly value: ExpressionValue;
  protected readonly expression: string | undefined;
  protected readonly view: ValueView;

  constructor(value: ExpressionValue, expression: string | undefined, view: ValueView) {
    this.value = value;
    this.expression = expression;
    this.view = view;
  }

  list(): readonly Variable[] {
    return this.children().map((child) => this.variable(child));
  }

  find(name: string): Variable | undefined {
    const child = this.child(name);
    return child && this.variable(child);
  }

  assign(name: string, text: string): Variable {
    const child = this.child(name);
    if (!child) throw unknownVariable(name);
    return assignTo(child.name, child.result, child.expression, text, this.view);
  }

  protected abstract children(): readonly Child[];

  protected child(name: string): Child | undefined {
    return this.children().find((one) => one.name === name);
  }

  protected variable({ name, result, expression }: Child): Variable {
    return cVariable(name, result, expression, this.view);
  }

  protected get machine(): FrameMachine {
    return new FrameMachine(this.view.standpoint);
  }
}

class Members extends Children {
  readonly #separator: '.' | '->';

  constructor(
    value: ExpressionValue,
    expression: string | undefined,
    separator: '.' | '->',
    view: ValueView,
  ) {
    super(value, expression, view);
    this.#separator = separator;
  }

  protected children(): readonly Child[] {
    const { expression } = this;
    return [...membersOf(this.value, this.machine)].map(({ name, value: result }) => ({
      // The members of an anonymous one are members of this structure, too.
      name: name ?? '<anonymous>',
      result,
      expression:
        expression === undefined || name === undefined
          ? expression
          : `${operand(expression)}${this.#separator}${name}`,
    }));
  }
}

class ElementsOf extends Children {
  readonly elements: Elements;
  readonly #count: number;

  constructor(value: ExpressionValue, count: number, expression: string | undefined, view: ValueView) {
    super(value, expression, view);
    this.#count = count;
    this.elements = {
      count,
      page: (start, most) =>
        this.#between(start, Math.min(count, start + most)).map((child) => this.variable(child)),
    };
  }

  protected children(): readonly Child[] {
    return this.#between(0, this.#count);
  }

  protected override child(name: string): Child | undefined {
    const index = Number(/^\[(\d{1,9})\]$/.exec(name)?.[1] ?? -1);
    return index < 0 || index >= this.#count ? undefined : this.#between(index, index + 1)[0];
  }

  #between(start: number, end: number): readonly Child[] {
    const { expression } = this;
    return elementsOf(this.value, start, end, this.machine).map((result, n) => ({
      name: `[${start + n}]`,
      result,
      expression: expression === undefined ? undefined : `${operand(expression)}[${start + n}]`,
    }));
  }
}

/** What a pointer points to: the members of a structure, or the one thing. */
class Target extends Children {
  readonly needsNames = true;

  protected children(): readonly Child[] {
    const { expression } = this;
    const target = pointedTo(this.value, this.machine);
    if (!target) return [];
    const text = expression === undefined ? undefined : `*${operand(expression)}`;
    return [{ name: text ?? '*', result: target, expression: text }];
  }

  override list(): readonly Variable[] {
    const members = this.#members();
    return members ? members.list() : super.list();
  }

  override find(name: string): Variable | undefined {
    const members = this.#members();
    return members ? members.find(name) : super.find(name);
  }

  override assign(name: string, text: string): Variable {
    const members = this.#members();
    return members ? members.assign(name, text) : super.assign(name, text);
  }

  #members(): Members | undefined {
    const target = pointedTo(this.value, this.machine);
    if (!target?.ok || !isAggregate(plain(target.type))) return undefined;
    return new Members(target, this.expression, '->', this.view);
  }
}

/** Writes what the user typed. @throws RequestError if it cannot be written. */
export function assignTo(
  name: string,
  target: ExpressionResult,
  expression: string | undefined,
  text: string,
  view: ValueView,
): Variable {
  if (!target.ok) throw notWritable(name, target.shown ?? target.message);
  const { standpoint, debuggee } = view;
  const result = assignAt(target, text, standpoint, debuggee);
  if (!result.ok) throw notWritable(name, result.message.replace(/^It cannot be changed: |\.$/g, ''));
  view.changed();
  return cVariable(name, result, expression, view);
}
