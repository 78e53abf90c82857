/** What printk() would make of a format and its arguments (Linux 7.3 Documentation/core-api/printk-formats.rst), as far as registers and memory tell. */

interface FormatArguments {
  /** The next argument as a register or a word of the stack holds it; `undefined` once it is not known. */
  readonly next: () => bigint | undefined;
  readonly text: (address: bigint) => string | undefined;
  /** `%pS`: an address as `symbol+0xoff/0xsize`. */
  readonly symbol: (address: bigint) => string;
}

/**
 * 1. Flags
 * 2. Width
 * 3. Precision
 * 4. Length
 * 5. Conversion
 */
const directive = /%([-+ #0]*)(\d{1,3}|\*)?(?:\.(\d{1,3}|\*))?(hh|h|ll|l|z|t|L)?([diuoxXcsp%])/g;

/** What cannot be told is `?`. Pointers are shown with what the guest would hide. */
export function formatPrintk(format: string, args: FormatArguments): string {
  return withoutLevel(format).replaceAll(
    // What follows %p says what it points to.
    new RegExp(`${directive.source}([A-Za-z]*)`, 'g'),
    (
      _all: string,
      flags: string,
      width: string | undefined,
      precision: string | undefined,
      length: string | undefined,
      conversion: string,
      rest: string,
    ) => {
      const tail = conversion === 'p' ? '' : rest;
      if (conversion === '%') return `%${tail}`;
      const columns = width === '*' ? Number(BigInt.asIntN(8, args.next() ?? 0n)) : Number(width ?? 0);
      const places = precision === '*' ? Number(BigInt.asIntN(8, args.next() ?? 0n)) : precision;
      const value = args.next();
      const text =
        value === undefined ? '?' : convert(conversion, value, { flags, length, places, rest }, args);
      const padding = flags.includes('0') && !flags.includes('-') && conversion !== 's' ? '0' : ' ';
      const padded = flags.includes('-') ? text.padEnd(columns) : text.padStart(columns, padding);
      return padded + tail;
    },
  );
}

interface Directive {
  readonly flags: string;
  readonly length: string | undefined;
  readonly places: number | string | undefined;
  /** The letters behind `%p`. */
  readonly rest: string;
}

function convert(
  conversion: string,
  value: bigint,
  { flags, length, places, rest }: Directive,
  args: FormatArguments,
): string {
  const bits = widths[length ?? ''] ?? 64;
  const unsigned = BigInt.asUintN(bits, value);
  const prefix = (text: string) => (flags.includes('#') ? `0x${text}` : text);
  switch (conversion) {
    case 'd':
    case 'i':
      return BigInt.asIntN(bits, value).toString();
    case 'x':
      return prefix(unsigned.toString(16));
    case 'X':
      return prefix(unsigned.toString(16).toUpperCase());
    case 'o':
      return unsigned.toString(8);
    case 'c':
      return String.fromCharCode(Number(value & 0x7fn));
    case 's':
      return (args.text(value) ?? (value === 0n ? '(null)' : '?')).slice(
        0,
        places === undefined ? undefined : Number(places),
      );
    case 'p':
      return /^[sSB]/.test(rest) ? args.symbol(value) : value.toString(16).padStart(16, '0');
    default:
      return unsigned.toString();
  }
}

/** Bits by length modifier: int without one (RV64's LP64). */
const widths: Readonly<Record<string, number>> = { '': 32, hh: 8, h: 16 };

/** Formats may begin with KERN_SOH and a level. */
function withoutLevel(format: string): string {
  return format.startsWith('\x01') ? format.slice(2) : format;
}
