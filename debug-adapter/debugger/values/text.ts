/** Values in one line: `0xffffffff81234568 <init_task+0x10>`, `{next = 0x…, prev = 0x…}`, `[4] {1, 2, 3, 4}`, `"swapper/0"`. */
import type { ExpressionResult, ExpressionValue } from '../../symbols/expression/evaluate';
import type { Machine } from '../../symbols/expression/names';
import { readBytes } from '../../symbols/expression/place';
import { attempt } from '../../symbols/expression/evaluate';
import { textAt } from '../../symbols/expression/texts';
import { isCharacter, isAggregate, plain } from '../../symbols/expression/types';
import { hex } from '../../unwind/hex';
import type { NumberFormat } from './format';
import { quotedText, scalarText } from './scalar-text';
import { elementCount, elementsOf, membersOf } from './value';

/** Where a value's parts are read, and how it is shown. */
export interface TextOptions {
  readonly machine: Machine;
  /** `schedule+0x12` for an address. */
  readonly symbol: (address: bigint) => string | undefined;
  readonly format?: NumberFormat | undefined;
  /** Characters, about; default: one line of a view. */
  readonly width?: number;
  /** Structures within structures that are opened. */
  readonly depth?: number;
}

const lineWidth = 140;
const lineDepth = 2;
/** What "Copy Value" and the console give. */
export const fullText = { width: 16_384, depth: 8 } as const;
const longestString = 256;

export function resultText(result: ExpressionResult, options: TextOptions): string {
  if (result.ok) return valueText(result, options);
  return result.shown ?? `<${result.message}>`;
}

export function valueText(value: ExpressionValue, options: TextOptions): string {
  return new ValueWriter(options).text(value, options.depth ?? lineDepth);
}

class ValueWriter {
  readonly #options: TextOptions;
  /** Characters that may still be written: a structure stops reading when there are none. */
  #left: number;

  constructor(options: TextOptions) {
    this.#options = options;
    this.#left = options.width ?? lineWidth;
  }

  text(value: ExpressionValue, depth: number): string {
    if (value.text !== undefined) return this.#spend(quotedText(new TextEncoder().encode(value.text)));
    const type = plain(value.type);
    if (isAggregate(type)) return this.#structure(value, depth);
    if (type.kind === 'array') return this.#array(value, depth);
    if (type.kind === 'void') return this.#spend('void');
    if (type.kind === 'unknown') return this.#spend(`<type not known: ${type.reason}>`);
    if (value.scalar === undefined) return this.#spend('<no value>');
    const { symbol, format, machine } = this.#options;
    if (type.kind === 'pointer' && isCharacter(type.target) && (format === undefined || format === 's'))
      return this.#spend(characters(BigInt(value.scalar), machine, symbol));
    if (format === 's' && typeof value.scalar === 'bigint')
      return this.#spend(characters(value.scalar, machine, symbol));
    return this.#spend(scalarText(value.scalar, value.type, symbol, format));
  }

  #structure(value: ExpressionValue, depth: number): string {
    if (depth === 0) return this.#spend('{…}');
    const parts: string[] = [];
    for (const { name, value: member } of membersOf(value, this.#options.machine)) {
      if (this.#left <= 0) {
        parts.push('…');
        break;
      }
      if (name !== undefined) this.#spend(`${name} = , `);
      const text = this.#result(member, depth - 1);
      parts.push(name === undefined ? text : `${name} = ${text}`);
    }
    return `{${parts.join(', ')}}`;
  }

  #array(value: ExpressionValue, depth: number): string {
    const type = plain(value.type);
    const element = type.kind === 'array' ? type.element : undefined;
    const { format, machine } = this.#options;
    const count = elementCount(value);
    if (element && isCharacter(element) && value.place && (format === undefined || format === 's')) {
      const text = arrayText(value, count, machine);
      if (text !== undefined) return this.#spend(text);
    }
    if (count === undefined) {
      return this.#spend(value.scalar === undefined ? '[]' : `${hex(BigInt(value.scalar))} []`);
    }
    this.#spend(`[${count}] `);
    if (depth === 0) return `[${count}] {…}`;
    const parts: string[] = [];
    for (let index = 0; index < count; index++) {
      if (this.#left <= 0) {
        parts.push('…');
        break;
      }
      const [one] = elementsOf(value, index, index + 1, machine);
      const address = value.elements?.addresses[index];
      // Elements of a list are whole structures: where they are says more than how they begin.
      parts.push(
        address === undefined
          ? this.#result(one!, depth - 1)
          : this.#spend(scalarText(address, pointerLike, this.#options.symbol)),
      );
    }
    const cut = value.elements?.cut;
    return `[${count}${cut === undefined ? '' : '+'}] {${parts.join(', ')}}${cut === undefined ? '' : ` (cut: ${cut})`}`;
  }

  #result(result: ExpressionResult, depth: number): string {
    if (result.ok) return this.text(result, depth);
    return this.#spend(result.shown ?? '<no value>');
  }

  #spend(text: string): string {
    this.#left -= text.length + 2;
    return text;
  }
}

const pointerLike = { kind: 'pointer', size: 8, target: { kind: 'void' } } as const;

/** `0x… "text"`, of a pointer to characters. */
function characters(address: bigint, machine: Machine, symbol: TextOptions['symbol']): string {
  const where = scalarText(address, pointerLike, symbol);
  const found = address === 0n ? undefined : textAt(machine.frame.memory, address, longestString);
  return found ? `${where} ${quotedText(found.bytes)}${found.ended ? '' : '…'}` : where;
}

/** Of an array of characters, which a zero may end early. */
function arrayText(value: ExpressionValue, count: number | undefined, machine: Machine): string | undefined {
  if (count === undefined) {
    return typeof value.scalar === 'bigint' ? characters(value.scalar, machine, () => undefined) : undefined;
  }
  const length = Math.min(count, longestString);
  const bytes = attempt(() => ({ ok: true as const, bytes: readBytes(value.place!, length, machine, 0) }));
  if (!bytes.ok) return bytes.shown ?? '<no value>';
  const end = bytes.bytes.indexOf(0);
  const text = quotedText(end < 0 ? bytes.bytes : bytes.bytes.subarray(0, end));
  return end < 0 && length < count ? `${text}…` : text;
}
