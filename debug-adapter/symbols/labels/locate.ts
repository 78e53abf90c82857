/**
 * Finds the addresses of labels that the assembler dropped: the first statement after a label has a line, and the line
 * table has its addresses. Where other instructions of that same line come before the label (a macro's, or several on
 * one line), instructions are counted in the program's bytes. What cannot be told for certain is left out.
 */
import type { LineTable, Program } from '../api';
import type { AssemblyText, SourceItem } from './scan';

type Statement = SourceItem & { readonly kind: 'statement' };

/** What ends the code that a label could stand before: data, or another section. */
const ENDS_CODE =
  /^\.(byte|2byte|4byte|8byte|half|short|word|long|int|dword|quad|octa|float|double|ascii|asciz|asciiz|string\d*|zero|space|skip|fill|incbin|uleb128|sleb128|insn|section|text|data|bss|previous|subsection|popsection|end|org)$/;
/** What makes the code of a piece of text depend on more than the text. */
const CONDITIONAL = /^\.(if|else|endif|rept|irp|endr|macro)/;
/** Repeated text: clang gives all of it the line of its first directive, GNU as the lines inside. */
const REPETITION = /^\.(rept|irpc?)$/;
/** Instructions that the assembler or the linker may turn into one or several (ISA manual, "Pseudoinstructions"). */
const VARIABLE = /^(li|la|lla|lga|la\.tls\..*|call|tail|jump)$/;
const LOADS_AND_STORES = /^(l[bhwd]u?|s[bhwd]|f[ls][hwdq])$/;

/** Not a directive and not `name = value`. The use of a macro is one, too. */
function isInstruction(item: SourceItem): item is Statement {
  return item.kind === 'statement' && !item.mnemonic.startsWith('.') && !item.operands.startsWith('=');
}

/** What may emit nothing: macros of the preprocessor by custom, and macros of the assembler. */
function mayBeEmpty({ mnemonic }: Statement, macros: AssemblyText['macros']): boolean {
  return /[A-Z\\]/.test(mnemonic) || macros.has(mnemonic);
}

/** How surely a statement is one machine instruction. */
function singleness(statement: Statement, macros: AssemblyText['macros']): 'sure' | 'likely' | 'no' {
  const { mnemonic, operands } = statement;
  if (macros.has(mnemonic) || mnemonic.includes('\\') || VARIABLE.test(mnemonic)) return 'no';
  // `ld t0, symbol` is two.
  if (LOADS_AND_STORES.test(mnemonic) && !operands.includes('(')) return 'no';
  return /[A-Z]/.test(mnemonic) ? 'likely' : 'sure';
}

/** Number of machine instructions of a piece of text and how sure that is. */
function count(items: readonly SourceItem[], macros: AssemblyText['macros']): Count {
  const statements = items.filter(isInstruction);
  const kinds = statements.map((statement) => singleness(statement, macros));
  const conditional = items.some(
    (item) =>
      item.kind === 'if' ||
      item.kind === 'else' ||
      item.kind === 'endif' ||
      (item.kind === 'statement' && CONDITIONAL.test(item.mnemonic)),
  );
  const sureness =
    conditional || kinds.includes('no') ? 'unknown' : kinds.includes('likely') ? 'likely' : 'sure';
  return { instructions: statements.length, sureness };
}

interface Count {
  readonly instructions: number;
  readonly sureness: 'sure' | 'likely' | 'unknown';
}

/** The bytes of the program's memory image at an address. */
function bytesAt(program: Program, address: bigint): Uint8Array | undefined {
  const segment = program.segments.find(
    ({ virtualAddress, data }) => address >= virtualAddress && address - virtualAddress < BigInt(data.length),
  );
  return segment?.data.subarray(Number(address - segment.virtualAddress));
}

/** End of the code of the line that begins at `start`: rows of one line follow each other. */
function endOfRun(lines: LineTable, start: bigint): bigint {
  const first = lines.at(start);
  let end = first?.end ?? start;
  for (let next = lines.at(end); next && next.line === first?.line && next.file === first.file;) {
    end = next.end;
    next = lines.at(end);
  }
  return end;
}

/** Addresses of the instructions in `[start, end)`; the two low bits of an instruction tell its length (ISA §1.5). */
function instructionStarts(program: Program, start: bigint, end: bigint): bigint[] | undefined {
  const starts: bigint[] = [];
  const bytes = bytesAt(program, start);
  for (let offset = 0; start + BigInt(offset) < end;) {
    const first = bytes?.[offset];
    if (first === undefined) return undefined;
    starts.push(start + BigInt(offset));
    offset += (first & 3) === 3 ? 4 : 2;
  }
  return starts;
}

export class LabelLocator {
  readonly #program: Program;
  readonly #lines: LineTable;
  readonly #file: string;
  readonly #text: AssemblyText;

  constructor(program: Program, lines: LineTable, file: string, text: AssemblyText) {
    this.#program = program;
    this.#lines = lines;
    this.#file = file;
    this.#text = text;
  }

  /** Addresses of the label that is `items[index]`, outside macros. */
  locate(index: number): readonly bigint[] {
    const { items } = this.#text;
    const anchor = this.#statementAfter(index);
    if (anchor === -1) return [];
    const { line } = items[anchor]!;
    const before = items.slice(0, anchor).filter((item) => item.line === line);
    const after = items.slice(anchor).filter((item) => item.line === line);
    return this.#lines.addresses(this.#file, line).flatMap((start) => this.#within(start, before, after));
  }

  /** Addresses of the label that is item `index` in the body of a macro: one for each use of the macro in the file. */
  locateInMacro(name: string, index: number): readonly bigint[] {
    const body = this.#text.macros.get(name) ?? [];
    const { items } = this.#text;
    const uses = items.filter(
      (item) =>
        item.kind === 'statement' &&
        item.mnemonic === name &&
        items.filter((other) => other.line === item.line && isInstruction(other)).length === 1,
    );
    const starts = new Set(uses.flatMap(({ line }) => this.#lines.addresses(this.#file, line)));
    const [before, after] = [body.slice(0, index), body.slice(index)];
    if (!after.some(isInstruction)) return [];
    return [...starts].flatMap((start) => this.#within(start, before, after));
  }

  /**
   * The address where `after` begins in the code of one line that begins at `start` and comes from `before` and `after`. It
   * is counted from the end whose instructions can be counted; if both can, they must agree with the code.
   */
  #within(start: bigint, before: readonly SourceItem[], after: readonly SourceItem[]): readonly bigint[] {
    const { macros } = this.#text;
    const [head, tail] = [count(before, macros), count(after, macros)];
    if (head.instructions === 0 && head.sureness === 'sure') return [start];
    const code = instructionStarts(this.#program, start, endOfRun(this.#lines, start));
    if (code === undefined) return [];
    const agree = head.instructions + tail.instructions === code.length;
    let index = -1;
    if (head.sureness === 'sure' && (agree || tail.sureness !== 'sure')) index = head.instructions;
    else if (tail.sureness === 'sure' && head.sureness !== 'sure') index = code.length - tail.instructions;
    else if (agree && head.sureness === 'likely' && tail.sureness === 'likely') index = head.instructions;
    const address = code[index];
    return address === undefined ? [] : [address];
  }

  /**
   * Index of the statement whose first instruction the label `items[index]` marks; -1 if it marks data, or nothing shows
   * that it was assembled.
   */
  #statementAfter(index: number): number {
    const { items, macros } = this.#text;
    const { group } = items[index]!;
    /** Conditionals and `.pushsection`s opened since the label. */
    let [depth, pushed] = [0, 0];
    let outside = false;
    for (let i = index + 1; i < items.length; i++) {
      const item = items[i]!;
      if (item.kind === 'if') {
        depth++;
      } else if (item.kind === 'else' || item.kind === 'endif') {
        if (depth > 0) {
          depth -= item.kind === 'endif' ? 1 : 0;
          continue;
        }
        // The label's branch ends: code behind it counts only if the branch was assembled.
        if (!outside && !this.#hasCodeIn(group)) return -1;
        outside = true;
        if (item.kind === 'else') i = endOfConditional(items, i);
      } else if (item.kind === 'statement') {
        if (item.mnemonic === '.pushsection') pushed++;
        else if (pushed > 0) pushed -= item.mnemonic === '.popsection' ? 1 : 0;
        else if (ENDS_CODE.test(item.mnemonic)) {
          if (depth === 0 || !this.#lacksCodeIn(item.group)) return -1;
        } else if (REPETITION.test(item.mnemonic) && this.#hasCode(item)) {
          return i;
        } else if (isInstruction(item)) {
          if (this.#hasCode(item)) return i;
          // Without code it was not assembled, and neither was a label beside it.
          if (depth === 0 && !mayBeEmpty(item, macros)) return -1;
        }
      }
    }
    return -1;
  }

  #hasCode({ line }: Statement): boolean {
    return this.#lines.addresses(this.#file, line).length > 0;
  }

  /** Whether a branch of a conditional was left out, as far as instructions without code tell. */
  #lacksCodeIn(group: number): boolean {
    const { items, macros } = this.#text;
    return items.some(
      (item) =>
        item.group === group && isInstruction(item) && !mayBeEmpty(item, macros) && !this.#hasCode(item),
    );
  }

  /** Whether a branch of a conditional was assembled, as far as other code in it tells. */
  #hasCodeIn(group: number): boolean {
    return this.#text.items.some(
      (item) => item.group === group && isInstruction(item) && this.#hasCode(item),
    );
  }
}

/** Index of the `#endif` that closes the conditional whose `#else` is at `from`. */
function endOfConditional(items: readonly SourceItem[], from: number): number {
  let depth = 0;
  for (let i = from + 1; i < items.length; i++) {
    const { kind } = items[i]!;
    if (kind === 'if') depth++;
    else if (kind === 'endif' && depth-- === 0) return i;
  }
  return items.length;
}
