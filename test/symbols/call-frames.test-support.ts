/** What `readelf --debug-dump=frames-interp` says of call frames, in the same words for a row of ours. */
import type { CallFrameRow, CallFrameTable, RegisterRule } from '../../debug-adapter/symbols/api';

/** ABI names of DWARF registers 0 to 63 as binutils writes them. */
const registerNames = (
  'zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6 ' +
  'ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 ' +
  'fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 ft8 ft9 ft10 ft11'
).split(' ');

export interface ListedFrameRow {
  readonly start: bigint;
  readonly end: bigint;
  readonly cfa: string;
  /** By the name of the register; `ra` is the return address, whichever register has it. */
  readonly rules: ReadonlyMap<string, string>;
}

/** Of rows with the same address the last one counts: the others cover nothing. */
export function parseFrameListing(text: string): ListedFrameRow[] {
  const rows: ListedFrameRow[] = [];
  let end = 0n;
  let names: readonly string[] = [];
  for (const line of text.split('\n')) {
    const range = / FDE .*pc=([0-9a-f]+)\.\.([0-9a-f]+)/.exec(line);
    if (range) {
      end = BigInt(`0x${range[2]}`);
      continue;
    }
    if (line.includes(' CIE ')) end = 0n;
    if (/^ +LOC +CFA/.test(line)) names = line.trim().split(/ +/).slice(2);
    const row = /^([0-9a-f]{16}) (\S+) *(.*)$/.exec(line);
    if (!row || end === 0n) continue;
    const start = BigInt(`0x${row[1]}`);
    const cells = row[3]!.match(/r\d+ \(\w+\)|\S+/g) ?? [];
    const previous = rows.at(-1);
    if (previous?.end === end) {
      if (previous.start === start) rows.pop();
      else rows[rows.length - 1] = { ...previous, end: start };
    }
    rows.push({
      start,
      end,
      cfa: row[2]!,
      rules: new Map(names.map((name, index) => [name, cells[index]!])),
    });
  }
  return rows;
}

/** How our row for the start of a listed one differs from it; `undefined` if it does not. */
export function differenceFrom(listed: ListedFrameRow, table: CallFrameTable): string | undefined {
  const row = table.at(listed.start);
  if (row === undefined) return 'there is no row';
  const ours = describeRow(row, listed.rules.keys());
  const theirs = `${show(listed)} ${listed.cfa} ${[...listed.rules].map((cell) => cell.join(': ')).join(', ')}`;
  return ours === theirs ? undefined : `${ours}, not ${theirs}`;
}

function describeRow(row: CallFrameRow, names: Iterable<string>): string {
  const cfa =
    row.cfa.kind === 'expression' ? 'exp' : `${registerNames[row.cfa.register]}${offset(row.cfa.offset)}`;
  const cells = [...names].map((name) => {
    const register = name === 'ra' ? row.returnAddressRegister : registerNames.indexOf(name);
    return `${name}: ${describeRule(row.rules.get(register))}`;
  });
  return `${show(row)} ${cfa} ${cells.join(', ')}`;
}

function describeRule(rule: RegisterRule | undefined): string {
  switch (rule?.kind) {
    case undefined:
    case 'undefined':
      return 'u';
    case 'same':
      return 's';
    case 'offset':
      return `c${offset(rule.offset)}`;
    case 'value offset':
      return `v${offset(rule.offset)}`;
    case 'register':
      return `r${rule.register} (${registerNames[rule.register]})`;
    case 'expression':
      return 'exp';
    case 'value expression':
      return 'vexp';
  }
}

function show({ start, end }: { readonly start: bigint; readonly end: bigint }): string {
  return `${start.toString(16)}..${end.toString(16)}`;
}

const offset = (bytes: bigint) => (bytes < 0n ? `${bytes}` : `+${bytes}`);
