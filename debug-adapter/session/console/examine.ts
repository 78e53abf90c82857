/** Memory as gdb's `x` command prints it. */
import { hex } from '../../unwind/hex';

interface ExamineFormat {
  readonly count: number;
  readonly size: 1 | 2 | 4 | 8;
  readonly style: 'x' | 'd' | 's' | 'i';
}

const sizes = { b: 1, h: 2, w: 4, g: 8 } as const;
const maxCount = 1000;
const bytesInRow = 16;
const longestText = 4096;

/** `8gx`, `gx8`, `4i`; `undefined` for what is no format. Missing parts are one giant word in hexadecimal. */
export function parseFormat(text: string): ExamineFormat | undefined {
  const match = /^(\d{1,6})?([bhwg])?([xdsi])?([bhwg])?$/.exec(text);
  if (!match || (match[2] !== undefined && match[4] !== undefined)) return undefined;
  const unit = (match[2] ?? match[4] ?? 'g') as keyof typeof sizes;
  return {
    count: Math.min(Math.max(Number(match[1] ?? 1), 1), maxCount),
    size: sizes[unit],
    style: (match[3] ?? 'x') as ExamineFormat['style'],
  };
}

/** `read` gives the longest readable prefix, `name` how an address is written. Ends at the first byte that cannot be read and says so. */
export function examine(
  { count, size, style }: ExamineFormat,
  address: bigint,
  read: (address: bigint, length: number) => Uint8Array,
  name: (address: bigint) => string = hex,
): string {
  if (style === 's') return texts(count, address, read, name);
  const bytes = read(address, count * size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = Array.from({ length: Math.floor(bytes.length / size) }, (_, i) => {
    const value = wordAt(view, i * size, size);
    return style === 'd'
      ? BigInt.asIntN(size * 8, value).toString()
      : `0x${value.toString(16).padStart(size * 2, '0')}`;
  });
  const inRow = bytesInRow / size;
  const rows: string[] = [];
  for (let i = 0; i < words.length; i += inRow) {
    rows.push(`${name(address + BigInt(i * size))}: ${words.slice(i, i + inRow).join(' ')}`);
  }
  if (words.length < count) rows.push(unreadable(name(address + BigInt(words.length * size))));
  return rows.join('\n');
}

function texts(
  count: number,
  address: bigint,
  read: (address: bigint, length: number) => Uint8Array,
  name: (address: bigint) => string,
): string {
  const rows: string[] = [];
  let at = address;
  for (let i = 0; i < count; i++) {
    const bytes = read(at, longestText);
    if (bytes.length === 0) {
      rows.push(unreadable(name(at)));
      break;
    }
    const end = bytes.indexOf(0);
    const text = new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
    rows.push(`${name(at)}: ${JSON.stringify(text)}`);
    at += BigInt(end < 0 ? bytes.length : end + 1);
  }
  return rows.join('\n');
}

function wordAt(view: DataView, offset: number, size: ExamineFormat['size']): bigint {
  switch (size) {
    case 1:
      return BigInt(view.getUint8(offset));
    case 2:
      return BigInt(view.getUint16(offset, true));
    case 4:
      return BigInt(view.getUint32(offset, true));
    case 8:
      return view.getBigUint64(offset, true);
  }
}

function unreadable(place: string): string {
  return `${place}: cannot be read`;
}
