/** Types, variables and functions of a C program, from DWARF 2 to 5 (`c-types.ts`). */
import type { CallFrameRow, CallFrameTable, SymbolTable } from '../api';
import type { CallSite, CType, CVariable, DebugInformation, FunctionScope } from '../c-types';
import { finish, type Steps } from '../steps';
import { basicType, isBasicName } from './basic-types';
import { CTypeReader } from './c-type';
import { constantOf } from './die';
import { AT, ATE } from './constants';
import type { DebugData } from './debug-data';
import { FunctionScopes } from './function-scopes';
import { FunctionTable } from './function-table';
import { GlobalVariables } from './global-variables';
import { InlinedFunctions } from './inlined-functions';
import type { NamedKind, NameIndex } from './name-index';
import type { FileNames } from './origins';
import type { DwarfSections } from './sections';
import type { UnitIndex } from './unit-index';
import type { Unit } from './units';

/** What a program has that debug information is joined with. */
interface DebugSources {
  readonly sections: DwarfSections;
  readonly allUnits: () => readonly Unit[];
  readonly units: UnitIndex;
  readonly named: NameIndex;
  readonly symbols: SymbolTable;
  readonly fileName: FileNames;
  readonly callFrames: CallFrameTable | undefined;
  /** Added to the ids of scopes. */
  readonly firstScope: number;
}

export class DwarfDebugInformation implements DebugInformation {
  readonly #sources: DebugSources;
  readonly #types: CTypeReader;
  readonly #functions: FunctionTable;
  readonly #scopes: FunctionScopes;
  readonly #globals: GlobalVariables;
  readonly #inlined: InlinedFunctions;
  #plainCharIsSigned: boolean | undefined;

  constructor(sources: DebugSources) {
    const { sections, allUnits, units, named, symbols, fileName } = sources;
    this.#sources = sources;
    this.#types = new CTypeReader(sections, allUnits, named);
    this.#functions = new FunctionTable(sections, units);
    const data: DebugData = { sections, types: this.#types, functions: this.#functions, fileName };
    this.#scopes = new FunctionScopes(data, sources.firstScope);
    this.#inlined = new InlinedFunctions(sections, allUnits);
    this.#globals = new GlobalVariables(data, units, named, symbols);
  }

  type(name: string): CType | undefined {
    const words = name.trim().split(/\s+/);
    if (isBasicName(words)) return basicType(words, () => this.#isPlainCharSigned());
    const [first, second] = words;
    if (words.length === 1) return this.#namedType(first!, 'typedef');
    const isTag = first === 'struct' || first === 'union' || first === 'enum';
    return isTag && words.length === 2 ? this.#namedType(second!, first) : undefined;
  }

  variables(name: string, pc?: bigint): readonly CVariable[] {
    return this.#globals.named(name, pc);
  }

  enumerator(name: string): { readonly value: bigint; readonly type: CType } | undefined {
    const found = finish(this.#sources.named.find(name, ['enumerator']));
    const type = found?.parent && this.#types.at(found.parent);
    if (type?.kind !== 'enum') return undefined;
    const value = type.enumerators.find((one) => one.name === name)?.value;
    return value === undefined ? undefined : { value, type };
  }

  functionType(name: string): CType | undefined {
    for (const { kind, address } of this.#sources.symbols.named(name)) {
      const place = kind === 'function' ? this.#functions.at(address) : undefined;
      if (place) return this.#types.at(place);
    }
    const found = finish(this.#sources.named.find(name, ['function']));
    return found && this.#types.at(found);
  }

  inlinedEntries(name: string, limit: number): Steps<readonly bigint[]> {
    return this.#inlined.entries(name, limit, this.#types.reader());
  }

  functionsAt(pc: bigint): readonly FunctionScope[] {
    return this.#scopes.at(pc);
  }

  callSites(start: bigint, end: bigint): readonly CallSite[] {
    return this.#scopes.calls(start, end);
  }

  unitVariables(pc: bigint): readonly CVariable[] {
    return this.#globals.ofUnit(pc);
  }

  get knowsNames(): boolean {
    return this.#sources.named.isComplete;
  }

  readNames(): Steps<void> {
    return this.#sources.named.complete();
  }

  names(prefix: string, limit: number): Steps<readonly string[]> {
    return this.#sources.named.startingWith(prefix, limit);
  }

  callFrame(pc: bigint): CallFrameRow | undefined {
    return this.#sources.callFrames?.at(pc);
  }

  #namedType(name: string, kind: NamedKind): CType | undefined {
    const place = finish(this.#sources.named.find(name, [kind]));
    return place && this.#types.at(place);
  }

  #isPlainCharSigned(): boolean {
    if (this.#plainCharIsSigned === undefined) {
      const place = finish(this.#sources.named.find('char', ['base type']));
      const die = place && this.#types.reader().read(place);
      this.#plainCharIsSigned = die !== undefined && Number(constantOf(die, AT.encoding)) === ATE.signed_char;
    }
    return this.#plainCharIsSigned;
  }
}
