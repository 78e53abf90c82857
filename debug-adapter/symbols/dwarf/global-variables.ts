/** Variables outside of functions: by name, and all of a unit. */
import type { ByteReader } from '../bytes/byte-reader';
import type { ProgramSymbol, SymbolTable } from '../api';
import type { CVariable, FrameContext, VariableLocation } from '../c-types';
import { finish } from '../steps';
import type { AttributeShape } from './abbreviations';
import { AT, TAG } from './constants';
import { variableOf } from './c-variable';
import type { DebugData } from './debug-data';
import { skipForm } from './form-sizes';
import type { NamedDie, NameIndex } from './name-index';
import { Recent } from './recent';
import type { UnitIndex } from './unit-index';
import { passOver, type UnitVisitor, type WantedAttributes } from './unit-pass';
import type { Unit } from './units';

/** Names that are kept. */
const MOST_NAMES = 5000;

interface Known {
  readonly die: NamedDie;
  /** The lower the likelier to be meant. */
  readonly rank: number;
  readonly variable: CVariable;
}

export class GlobalVariables {
  readonly #data: DebugData;
  readonly #units: UnitIndex;
  readonly #named: NameIndex;
  readonly #symbols: SymbolTable;
  readonly #known = new Recent<string, readonly Known[]>(MOST_NAMES);
  readonly #ofUnit = new Recent<Unit, readonly CVariable[]>(MOST_NAMES);

  constructor(data: DebugData, units: UnitIndex, named: NameIndex, symbols: SymbolTable) {
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
    return [...known.filter(isHere), ...known.filter((one) => !isHere(one))].map(({ variable }) => variable);
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
    const dies = finish(this.#named.variables(name));
    if (dies[0]?.kind !== 'declared variable') {
      // What files share comes before what one has for itself, and that before what the compiler has left nothing of.
      return [...this.#read(dies)].sort((a, b) => a.rank - b.rank);
    }
    const symbols = this.#symbols.named(name);
    // A function's name is no variable's.
    const symbol = symbols.find(({ kind }) => kind !== 'function');
    return symbol ? this.#read(dies, symbol) : [];
  }

  #read(dies: readonly NamedDie[], symbol?: ProgramSymbol): readonly Known[] {
    const reader = this.#data.types.reader();
    return dies.flatMap((place) => {
      const die = reader.read(place);
      const variable = die && variableOf(die, this.#data);
      if (!variable) return [];
      const rank = !die.attributes.has(AT.location) ? 2 : variable.kind === 'global' ? 0 : 1;
      return [{ die: place, rank, variable: symbol ? new SymbolVariable(variable, symbol) : variable }];
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

const WANTED: WantedAttributes = new Map([[TAG.variable, [AT.declaration]]]);

/** Collects what a unit defines. A declaration that the same unit completes is in the DIE that does. */
class VariableVisitor implements UnitVisitor {
  readonly wanted = WANTED;
  readonly offsets: number[] = [];
  readonly #unit: Unit;
  #isDeclaration = false;

  constructor(unit: Unit) {
    this.#unit = unit;
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
