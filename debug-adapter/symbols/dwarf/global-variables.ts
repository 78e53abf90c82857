/** Variables outside of functions: by name through the symbol table, and all of a unit. */
import type { ByteReader } from '../bytes/byte-reader';
import type { ProgramSymbol, SymbolTable } from '../api';
import type { CVariable, FrameContext, VariableLocation } from '../c-types';
import { finish } from '../steps';
import type { AttributeShape } from './abbreviations';
import { AT, TAG } from './constants';
import { variableOf } from './c-variable';
import type { DebugData } from './debug-data';
import { skipForm } from './form-sizes';
import type { NamedDie, NamedDies } from './named-dies';
import { Recent } from './recent';
import type { UnitIndex } from './unit-index';
import { passOver, type UnitVisitor } from './unit-pass';
import type { Unit } from './units';

/** Names that are kept. */
const MOST_NAMES = 5000;
/** Symbols of one name that are looked at: statics can share one. */
const MOST_SYMBOLS = 64;

interface Known {
  readonly die: NamedDie;
  readonly variable: CVariable;
}

export class GlobalVariables {
  readonly #data: DebugData;
  readonly #units: UnitIndex;
  readonly #named: NamedDies;
  readonly #symbols: SymbolTable;
  readonly #known = new Recent<string, readonly Known[]>(MOST_NAMES);
  readonly #ofUnit = new Recent<Unit, readonly CVariable[]>(MOST_NAMES);

  constructor(data: DebugData, units: UnitIndex, named: NamedDies, symbols: SymbolTable) {
    this.#data = data;
    this.#units = units;
    this.#named = named;
    this.#symbols = symbols;
  }

  /** All of that name that are known; those of the unit that has a pc first. */
  named(name: string, pc: bigint | undefined): readonly CVariable[] {
    let known = this.#known.get(name);
    if (known === undefined) this.#known.set(name, (known = this.#find(name)), 1);
    const here = pc === undefined ? [] : this.#units.ofCode(pc);
    const isHere = ({ die }: Known) => here.includes(die.unit);
    // What has no symbol, since it is a constant, is found in its unit only.
    const constants = known.some(isHere) ? [] : this.#read(this.#named.inUnits(name, here, ['variable']));
    return [...constants, ...known.filter(isHere), ...known.filter((one) => !isHere(one))].map(
      ({ variable }) => variable,
    );
  }

  /** Those that a unit with a pc defines, by name. */
  ofUnit(pc: bigint): readonly CVariable[] {
    return this.#units.ofCode(pc).flatMap((unit) => {
      let variables = this.#ofUnit.get(unit);
      if (variables === undefined) {
        variables = this.#readUnit(unit);
        this.#ofUnit.set(unit, variables, variables.length + 1);
      }
      return variables;
    });
  }

  #find(name: string): readonly Known[] {
    const symbols = this.#symbols.named(name).slice(0, MOST_SYMBOLS);
    const units = new Set(symbols.flatMap(({ address }) => this.#units.mentioning(address)));
    const found = this.#read(this.#named.inUnits(name, [...units], ['variable']));
    if (found.length > 0) return found;
    // A function's name is no variable's.
    if (symbols.length > 0 && symbols.every(({ kind }) => kind === 'function')) return [];
    const defined = finish(this.#named.find(name, ['variable']));
    if (defined) return this.#read([defined]);
    const [symbol] = symbols;
    const declared = symbol && finish(this.#named.find(name, ['declared variable']));
    return declared ? this.#read([declared], symbol) : [];
  }

  #read(dies: readonly NamedDie[], symbol?: ProgramSymbol): readonly Known[] {
    const reader = this.#data.types.reader();
    return dies.flatMap((place) => {
      const die = reader.read(place);
      const variable = die && variableOf(die, this.#data);
      if (!variable) return [];
      return [{ die: place, variable: symbol ? new SymbolVariable(variable, symbol) : variable }];
    });
  }

  #readUnit(unit: Unit): readonly CVariable[] {
    const visitor = new VariableVisitor(unit);
    passOver(this.#data.sections, unit, visitor);
    const reader = this.#data.types.reader();
    return visitor.offsets
      .flatMap((offset) => {
        const die = reader.read({ unit, offset });
        return (die && variableOf(die, this.#data)) ?? [];
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** Collects what a unit defines. A declaration that the same unit completes is in the DIE that does. */
class VariableVisitor implements UnitVisitor {
  readonly offsets: number[] = [];
  readonly #unit: Unit;
  #isDeclaration = false;

  constructor(unit: Unit) {
    this.#unit = unit;
  }

  attributesOf(tag: number): readonly number[] | undefined {
    return tag === TAG.variable ? [AT.declaration] : undefined;
  }

  attribute(reader: ByteReader, { form }: AttributeShape): void {
    skipForm(reader, form, this.#unit);
    this.#isDeclaration = true;
  }

  die(_: number, offset: number): void {
    if (!this.#isDeclaration) this.offsets.push(offset);
    this.#isDeclaration = false;
  }
}

/** A variable of which debug information has the declaration only: assembly or the linker's script defines it. */
class SymbolVariable implements CVariable {
  readonly name: string;
  readonly kind = 'global';
  readonly #declared: CVariable;
  readonly #symbol: ProgramSymbol;

  constructor(declared: CVariable, symbol: ProgramSymbol) {
    this.name = declared.name;
    this.#declared = declared;
    this.#symbol = symbol;
  }

  get type() {
    return this.#declared.type;
  }

  get declaration() {
    return this.#declared.declaration;
  }

  locate({ runAddress }: FrameContext): VariableLocation {
    const address = runAddress(this.#symbol.address);
    return { kind: 'pieces', pieces: [{ kind: 'memory', address, width: undefined }] };
  }
}
