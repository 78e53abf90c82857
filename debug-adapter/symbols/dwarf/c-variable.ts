/** A variable or parameter from its DIE, and where it is in a frame. */
import type { SourceLine } from '../api';
import type { CType, CVariable, FrameContext, VariableLocation } from '../c-types';
import { AT, TAG } from './constants';
import type { DebugData } from './debug-data';
import type { Die } from './die';
import type { FormValue } from './forms';
import { expressionContext } from './frame-expressions';
import { bytesOf, locationOf, OPTIMIZED_OUT } from './location-description';
import { expressionAt } from './location-lists';
import { declarationOf, inheritedName, ownerOf } from './origins';

/** First operations of the locations of what does not live in a frame: DW_OP_addr, DW_OP_addrx, DW_OP_GNU_addr_index. */
const STATIC_OPERATIONS: readonly number[] = [0x03, 0xa1, 0xfb];

/** A location expression and the unit that it is of. */
interface Described {
  readonly unit: Die['unit'];
  readonly expression: NonNullable<ReturnType<typeof expressionAt>>;
}

export class Variable implements CVariable {
  readonly name: string;
  readonly kind: CVariable['kind'];
  readonly #die: Die;
  readonly #data: DebugData;
  readonly #function: Die | undefined;
  /** The last pc that was asked for. */
  #found: { readonly pc: bigint; readonly description: Described | VariableLocation } | undefined;

  constructor(name: string, die: Die, data: DebugData, inside: Die | undefined) {
    this.name = name;
    this.kind = kindOf(die, data, inside);
    this.#die = die;
    this.#data = data;
    this.#function = inside;
  }

  get type(): CType {
    const { types } = this.#data;
    const owner = ownerOf(this.#die, AT.type, types.reader());
    return types.typeOf(owner ?? this.#die);
  }

  get declaration(): SourceLine | undefined {
    const { types, fileName } = this.#data;
    return declarationOf(this.#die, types.reader(), fileName);
  }

  locate(context: FrameContext): VariableLocation {
    const { pc } = context;
    // Conditions of breakpoints ask at one pc again and again.
    if (this.#found?.pc !== pc) this.#found = { pc, description: this.#describe(pc) };
    const { description } = this.#found;
    if (!('expression' in description)) return description;
    const { unit, expression } = description;
    return locationOf(expression, expressionContext(unit, context, this.#data, this.#function));
  }

  /** What debug information says for a pc: an expression, or where it is at once. */
  #describe(pc: bigint): Described | VariableLocation {
    const { sections, types } = this.#data;
    const reader = types.reader();
    const located = ownerOf(this.#die, AT.location, reader);
    if (located === undefined) {
      const constant = ownerOf(this.#die, AT.const_value, reader);
      return constantLocation(constant?.attributes.get(AT.const_value));
    }
    const { unit, attributes } = located;
    const expression = expressionAt(sections, unit, attributes.get(AT.location), pc);
    return expression === undefined ? OPTIMIZED_OUT : { unit, expression };
  }
}

/**
 * `undefined` for a variable without a name, which nobody can ask for.
 * @param inside the DW_TAG_subprogram with code that it is in
 */
export function variableOf(die: Die, data: DebugData, inside?: Die): CVariable | undefined {
  const name = inheritedName(die, data.types.reader());
  return name === undefined ? undefined : new Variable(name, die, data, inside);
}

function kindOf(die: Die, { types }: DebugData, inside: Die | undefined): CVariable['kind'] {
  if (die.tag === TAG.formal_parameter) return 'parameter';
  if (inside === undefined) {
    return ownerOf(die, AT.external, types.reader()) === undefined ? 'static' : 'global';
  }
  const location = ownerOf(die, AT.location, types.reader())?.attributes.get(AT.location);
  const first = location?.kind === 'block' ? location.value[0] : undefined;
  return first !== undefined && STATIC_OPERATIONS.includes(first) ? 'static' : 'local';
}

/** DW_AT_const_value (DWARF 5 §4.1): a value in the form of the target, of which a type's size counts. */
function constantLocation(value: FormValue | undefined): VariableLocation {
  const bytes = constantBytes(value);
  return bytes === undefined
    ? OPTIMIZED_OUT
    : { kind: 'pieces', pieces: [{ kind: 'value', bytes, width: undefined }] };
}

function constantBytes(value: FormValue | undefined): Uint8Array | undefined {
  switch (value?.kind) {
    case 'constant':
    case 'address':
      return bytesOf(BigInt.asUintN(64, value.value), 8);
    case 'block':
      return value.value;
    case 'string':
      return new TextEncoder().encode(`${value.value}\0`);
    default:
      return undefined;
  }
}
