/** Breakpoint SPECs as people type them, or copy them from a kernel's log. */

export type BreakpointSpec =
  /** A function or label; `.Lname` may be one that the assembler dropped (see `labels/`). */
  | {
      readonly kind: 'symbol';
      readonly name: string;
      /** `undefined` where none is written: a function is then meant, with 0 its very first instruction. */
      readonly offset: bigint | undefined;
      readonly size: bigint | undefined;
      /** As kernel traces name it: `foo+0x10/0x40 [module]`. */
      readonly module?: string;
    }
  | { readonly kind: 'line'; readonly file: string; readonly line: number }
  | { readonly kind: 'address'; readonly address: bigint }
  /** All functions and labels whose name fits: `*` stands for any characters, `?` for one. */
  | { readonly kind: 'glob'; readonly pattern: string };

type ParsedSpec =
  | { readonly ok: true; readonly spec: BreakpointSpec }
  /** The message is a sentence that says what to write instead. */
  | { readonly ok: false; readonly message: string };

const FORMS =
  'symbol, symbol+0xoffset, symbol+0xoffset/0xsize as in a kernel trace, .local_label, name* for all that begin so, file:line, or *0xaddress';
/** With `\@`, as labels in the body of a macro are listed. */
const SYMBOL = String.raw`(?<name>[A-Za-z_.$][\w.$@\\]*)`;
const NUMBER = String.raw`0[xX][0-9a-fA-F]+|\d+`;
const SYMBOL_SPEC = new RegExp(
  `^${SYMBOL}(?:\\s*\\+\\s*(?<offset>${NUMBER})(?:\\s*/\\s*(?<size>${NUMBER}))?)?(?:\\s+\\[(?<module>[\\w-]+)\\])?$`,
);
const ADDRESS_SPEC = new RegExp(`^(?:\\*\\s*)?(?<address>${NUMBER})$`);
const GLOB_SPEC = /^[\w.$@?*]*[?*][\w.$@?*]*$/;
/** The last colon separates, as Windows paths have one, too. */
const LINE_SPEC = /^(?<file>.+):(?<line>\d+)$/;
const LARGEST_ADDRESS = (1n << 64n) - 1n;

const fail = (message: string): ParsedSpec => ({ ok: false, message });

/** Parses `symbol`, `symbol+0xoff`, `symbol+0xoff/0xsize`, these with ` [module]`, `.local_label`, `prefix*`, `file:line`, `*0xaddress` and `0xaddress`. */
export function parseSpec(text: string): ParsedSpec {
  const trimmed = text.trim();
  if (trimmed === '') return fail(`The breakpoint is empty: write ${FORMS}.`);
  if (/^\*\s*\d|^0x/i.test(trimmed)) return parseAddress(trimmed);
  if (GLOB_SPEC.test(trimmed)) return { ok: true, spec: { kind: 'glob', pattern: trimmed } };
  const symbol = SYMBOL_SPEC.exec(trimmed)?.groups;
  if (symbol !== undefined) {
    const { name, offset, size, module } = symbol;
    const spec: BreakpointSpec = {
      kind: 'symbol',
      name: name!,
      offset: offset === undefined ? undefined : BigInt(offset),
      size: size === undefined ? undefined : BigInt(size),
      ...(module !== undefined && { module }),
    };
    if (spec.size !== undefined && spec.offset! >= spec.size) {
      return fail(`Offset ${offset} lies outside ${name}, which is said to be ${size} bytes long.`);
    }
    return { ok: true, spec };
  }
  const place = LINE_SPEC.exec(trimmed)?.groups;
  if (place !== undefined) {
    const line = Number(place['line']);
    if (line >= 1 && line < 2 ** 31) return { ok: true, spec: { kind: 'line', file: place['file']!, line } };
    return fail(`There is no line ${place['line']} in ${place['file']}: lines count from 1.`);
  }
  if (/^\d+$/.test(trimmed)) {
    return fail(
      `"${trimmed}" could be an address or a line: write *${trimmed} for the address, or file:${trimmed} for the line.`,
    );
  }
  if (/:\D*$/.test(trimmed)) {
    return fail(`"${trimmed}" has no line number after the colon: write file:line, for example entry.S:42.`);
  }
  return fail(`"${trimmed}" is not a breakpoint: write ${FORMS}.`);
}

function parseAddress(text: string): ParsedSpec {
  const digits = ADDRESS_SPEC.exec(text)?.groups?.['address'];
  if (digits === undefined) {
    return fail(`"${text}" is not an address: write * and a number, for example *0xffffffff80000000.`);
  }
  const address = BigInt(digits);
  if (address > LARGEST_ADDRESS) return fail(`"${text}" is not an address: it has more than 64 bits.`);
  return { ok: true, spec: { kind: 'address', address } };
}
