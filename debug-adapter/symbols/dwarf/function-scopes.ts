/** The functions at a pc: the one whose code it is, and those that were inlined there, with the blocks that the pc is in. */
import type { SourceLine } from '../api';
import type { CallSite, CVariable, FunctionScope } from '../c-types';
import { calleeOf, callsIn, returnAddressOf } from './calls';
import { AT, TAG } from './constants';
import { variableOf } from './c-variable';
import type { DebugData } from './debug-data';
import type { Die, DieReader } from './die';
import { declarationOf, inheritedName, originOf, sourceLine } from './origins';
import { RangeReader } from './ranges';
import { Recent } from './recent';

/** Blocks inside each other. */
const DEEPEST = 100;
/** Places that are kept: those of some hundred stacks. */
const MOST_PLACES = 2000;
/** Of one block. */
const MOST_VARIABLES = 10_000;

export class FunctionScopes {
  readonly #data: DebugData;
  readonly #firstId: number;
  readonly #known = new Recent<bigint, readonly FunctionScope[]>(MOST_PLACES);

  /** @param firstId added to the ids of scopes */
  constructor(data: DebugData, firstId: number) {
    this.#data = data;
    this.#firstId = firstId;
  }

  /** The innermost first; empty without debug information. */
  at(pc: bigint): readonly FunctionScope[] {
    let scopes = this.#known.get(pc);
    if (scopes === undefined) this.#known.set(pc, (scopes = scopesAt(pc, this.#data, this.#firstId)), 1);
    return scopes;
  }

  /** Calls in `[start, end)` of the function at `start`, in address order. */
  calls(start: bigint, end: bigint): readonly CallSite[] {
    const { functions, types, sections } = this.#data;
    const place = functions.at(start);
    const reader = types.reader();
    const subprogram = place && reader.read(place);
    if (subprogram === undefined) return [];
    const ranges = new RangeReader(sections);
    const found: CallSite[] = [];
    for (const call of callsIn(subprogram, reader)) {
      const inlined = call.tag === TAG.inlined_subroutine;
      const address = inlined ? entryOf(call, ranges) : returnAddressOf(call);
      if (address === undefined || address < start || address >= end) continue;
      const callee = inlined ? call : calleeOf(call, reader);
      found.push({ address, callee: callee && inheritedName(callee, reader), inlined });
    }
    return found.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  }
}

function scopesAt(pc: bigint, data: DebugData, firstId: number): readonly FunctionScope[] {
  const place = data.functions.at(pc);
  const reader = data.types.reader();
  const subprogram = place && reader.read(place);
  if (subprogram === undefined) return [];
  const ranges = new RangeReader(data.sections);
  // The DIEs around the pc from the outermost on, cut where a function begins.
  const functions: Die[][] = [[subprogram]];
  let inner: Die | undefined = subprogram;
  for (let depth = 0; inner !== undefined && depth < DEEPEST; depth++) {
    inner = blockAt(pc, inner, ranges, reader);
    if (inner?.tag === TAG.inlined_subroutine) functions.push([inner]);
    else if (inner) functions.at(-1)!.push(inner);
  }
  return functions.map((dies) => new Scope(dies, subprogram, data, firstId)).reverse();
}

/** The block or inlined function directly inside a scope that has the pc. */
function blockAt(pc: bigint, scope: Die, ranges: RangeReader, reader: DieReader): Die | undefined {
  for (const child of reader.children(scope)) {
    if (child.tag !== TAG.lexical_block && child.tag !== TAG.inlined_subroutine) continue;
    const covered = ranges.of(child.unit, child.attributes);
    if (covered?.some(({ start, end }) => pc >= start && pc < end)) return child;
  }
  return undefined;
}

class Scope implements FunctionScope {
  /** By the DIE's position in .debug_info. */
  readonly id: number;
  readonly blocks: FunctionScope['blocks'];
  readonly #die: Die;
  readonly #data: DebugData;
  #name: string | undefined;
  #callSite: SourceLine | undefined | null = null;

  /** @param dies the function, and the blocks in it that have the pc */
  constructor(dies: readonly Die[], subprogram: Die, data: DebugData, firstId: number) {
    this.#die = dies[0]!;
    this.id = firstId + this.#die.offset;
    this.#data = data;
    this.blocks = dies.map((die) => new Block(die, subprogram, data)).reverse();
  }

  get name(): string {
    return (this.#name ??= inheritedName(this.#die, this.#data.types.reader()) ?? '');
  }

  get callSite(): SourceLine | undefined {
    if (this.#callSite === null) this.#callSite = this.#readCallSite();
    return this.#callSite;
  }

  get declaration(): SourceLine | undefined {
    return declarationOf(this.#die, this.#data.types.reader(), this.#data.fileName);
  }

  get entry(): bigint | undefined {
    return entryOf(this.#die, new RangeReader(this.#data.sections));
  }

  #readCallSite(): SourceLine | undefined {
    if (this.#die.tag !== TAG.inlined_subroutine) return undefined;
    const { types, fileName } = this.#data;
    return sourceLine(this.#die, [AT.call_file, AT.call_line, AT.call_column], fileName, types.reader());
  }
}

/** DW_AT_entry_pc, or the first address (DWARF 5 §2.18). */
function entryOf(die: Die, ranges: RangeReader): bigint | undefined {
  const [entry, low] = [die.attributes.get(AT.entry_pc), die.attributes.get(AT.low_pc)];
  if (entry?.kind === 'address') return entry.value;
  const start = low?.kind === 'address' ? low.value : ranges.of(die.unit, die.attributes)?.[0]?.start;
  // A constant counts from there.
  return entry?.kind === 'constant' && start !== undefined ? start + entry.value : start;
}

class Block {
  readonly #die: Die;
  readonly #subprogram: Die;
  readonly #data: DebugData;
  #variables: readonly CVariable[] | undefined;

  constructor(die: Die, subprogram: Die, data: DebugData) {
    this.#die = die;
    this.#subprogram = subprogram;
    this.#data = data;
  }

  get variables(): readonly CVariable[] {
    return (this.#variables ??= this.#read());
  }

  /** Those of the block, and those that its abstract origin has and it does not: they were optimised out here. */
  #read(): readonly CVariable[] {
    const reader = this.#data.types.reader();
    const present = variablesIn(this.#die, reader);
    const origin = originOf(this.#die, reader);
    const origins = new Set(present.map((die) => originOf(die, reader)?.offset));
    const missing =
      origin === undefined ? [] : variablesIn(origin, reader).filter(({ offset }) => !origins.has(offset));
    return [...present, ...missing].flatMap((die) => variableOf(die, this.#data, this.#subprogram) ?? []);
  }
}

function variablesIn(scope: Die, reader: DieReader): Die[] {
  const found: Die[] = [];
  for (const child of reader.children(scope)) {
    const isVariable = child.tag === TAG.variable || child.tag === TAG.formal_parameter;
    if (isVariable && !child.attributes.has(AT.declaration)) found.push(child);
    if (found.length === MOST_VARIABLES) break;
  }
  return found;
}
