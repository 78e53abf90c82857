/** The functions at a pc: the one whose code it is, and those that were inlined there, with the blocks that the pc is in. */
import type { SourceLine } from '../api';
import type { CallSite, CVariable, FunctionScope } from '../c-types';
import { calleeOf, callsIn, returnAddressOf } from './calls';
import { AT, TAG } from './constants';
import { variableOf } from './c-variable';
import type { DebugData } from './debug-data';
import type { Die, DieReader } from './die';
import { declarationOf, inheritedName, originOf, sourceLine } from './origins';
import { entryOf, RangeReader, type AddressRange } from './ranges';
import { Recent } from './recent';

/** Blocks inside each other. */
const DEEPEST = 100;
/** Places that are kept: those of some hundred stacks. */
const MOST_PLACES = 2000;
/** Blocks whose extents are kept: those of some hundred big functions. A step asks at many places of one function. */
const MOST_EXTENTS = 20_000;
/** Of one block. */
const MOST_VARIABLES = 10_000;

export class FunctionScopes {
  readonly #data: DebugData;
  readonly #firstId: number;
  readonly #known = new Recent<bigint, readonly FunctionScope[]>(MOST_PLACES);
  /** By the position of the innermost block: its places have the same scopes. */
  readonly #scopes = new Recent<number, readonly FunctionScope[]>(MOST_PLACES);
  /** What is directly inside a scope, by the position of that. */
  readonly #blocks = new Recent<number, readonly Extent[]>(MOST_EXTENTS);

  /** @param firstId added to the ids of scopes */
  constructor(data: DebugData, firstId: number) {
    this.#data = data;
    this.#firstId = firstId;
  }

  /** The innermost first; empty without debug information. */
  at(pc: bigint): readonly FunctionScope[] {
    let scopes = this.#known.get(pc);
    if (scopes === undefined) this.#known.set(pc, (scopes = this.#read(pc)), 1);
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

  #read(pc: bigint): readonly FunctionScope[] {
    const { functions, types } = this.#data;
    const place = functions.at(pc);
    const reader = types.reader();
    const subprogram = place && reader.read(place);
    if (subprogram === undefined) return [];
    // The DIEs around the pc from the outermost on, cut where a function begins.
    const nested: Die[][] = [[subprogram]];
    let innermost = subprogram;
    for (let depth = 0; depth < DEEPEST; depth++) {
      const inner = this.#blocksIn(innermost, reader).find(({ ranges }) =>
        ranges.some(({ start, end }) => pc >= start && pc < end),
      )?.die;
      if (inner === undefined) break;
      if (inner.tag === TAG.inlined_subroutine) nested.push([inner]);
      else nested.at(-1)!.push(inner);
      innermost = inner;
    }
    let scopes = this.#scopes.get(innermost.offset);
    if (scopes === undefined) {
      scopes = nested.map((dies) => new Scope(dies, subprogram, this.#data, this.#firstId)).reverse();
      this.#scopes.set(innermost.offset, scopes, 1);
    }
    return scopes;
  }

  /** The blocks and inlined functions directly inside a scope. */
  #blocksIn(scope: Die, reader: DieReader): readonly Extent[] {
    let blocks = this.#blocks.get(scope.offset);
    if (blocks === undefined) {
      blocks = extentsIn(scope, reader, new RangeReader(this.#data.sections));
      this.#blocks.set(scope.offset, blocks, blocks.length + 1);
    }
    return blocks;
  }
}

/** A block or inlined function, and the code that it has. */
interface Extent {
  readonly die: Die;
  readonly ranges: readonly AddressRange[];
}

function extentsIn(scope: Die, reader: DieReader, ranges: RangeReader): readonly Extent[] {
  const found: Extent[] = [];
  for (const die of reader.children(scope)) {
    if (die.tag !== TAG.lexical_block && die.tag !== TAG.inlined_subroutine) continue;
    const covered = ranges.of(die.unit, die.attributes);
    if (covered) found.push({ die, ranges: covered });
    if (found.length === MOST_EXTENTS) break;
  }
  return found;
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
