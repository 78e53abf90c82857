/** How register values are written: the user chooses, for one register or for all. */
import { hex } from '../../unwind/hex';

/** `symbol`: in hexadecimal, with the symbol that the value points to. */
export const valueFormats = ['symbol', 'hex', 'decimal', 'unsigned', 'binary'] as const;
export type ValueFormat = (typeof valueFormats)[number];

export const isValueFormat = (text: unknown): text is ValueFormat =>
  valueFormats.includes(text as ValueFormat);

export class ChosenFormats {
  readonly #formats = new Map<string, ValueFormat>();
  #others: ValueFormat = 'symbol';
  #forced: ValueFormat | undefined;

  of(register: string): ValueFormat {
    return this.#forced ?? this.#formats.get(register) ?? this.#others;
  }

  /** What `show` gives with all values in one format, if one is given. */
  during<T>(format: ValueFormat | undefined, show: () => T): T {
    this.#forced = format;
    try {
      return show();
    } finally {
      this.#forced = undefined;
    }
  }

  /** Without a register, of all of them. */
  choose(format: ValueFormat, register?: string): void {
    if (register !== undefined) {
      this.#formats.set(register, format);
      return;
    }
    this.#formats.clear();
    this.#others = format;
  }
}

/** 64 bits as a number: `0x2a`, `-1`, `0b1111_0000`. */
export function formatBits(bits: bigint, format: ValueFormat): string {
  switch (format) {
    case 'symbol':
    case 'hex':
      return hex(bits);
    case 'decimal':
      return BigInt.asIntN(64, bits).toString();
    case 'unsigned':
      return bits.toString();
    case 'binary': {
      const digits = bits.toString(2);
      const whole = digits.padStart(Math.ceil(digits.length / 4) * 4, '0');
      return `0b${whole.replace(/\B(?=(.{4})+$)/g, '_')}`;
    }
  }
}

/**
 * What the user typed, without what the view writes behind a number, so that a shown value can be edited: ` <symbol>`, ` [FIELDS]`,
 * ` (meaning)`; and binary numbers as the view writes them.
 */
export function withoutAnnotation(text: string): string {
  const [, number] = /^\s*(-?0[xX][\da-fA-F]+|0[bB][01_]+|-?\d+)(?:\s+[<[(].*)?\s*$/.exec(text) ?? [];
  if (number === undefined) return text;
  return /^0b/i.test(number) ? hex(BigInt(number.replaceAll('_', ''))) : number;
}
