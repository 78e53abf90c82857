/**
 * Finds the named types of a unit by a quick pass over its outermost DIEs: attributes that do not matter are stepped
 * over, and so are children where DW_AT_sibling says how.
 */
import type { ByteReader } from '../bytes/byte-reader';
import type { Abbreviation, AttributeShape } from './abbreviations';
import { AT, TAG } from './constants';
import type { DiePlace } from './die';
import { formSize, skipForm } from './form-sizes';
import { readForm } from './forms';
import type { DwarfSections } from './sections';
import type { Unit } from './units';

/** Names found so far; the first definition of a name stays. */
export interface TypeNames {
  /** Structures, unions and classes that are defined, not only declared. */
  readonly aggregates: Map<string, DiePlace>;
  readonly typedefs: Map<string, DiePlace>;
  readonly enumerators: Map<string, bigint>;
}

const NAMED_TAGS: readonly number[] = [
  TAG.structure_type,
  TAG.union_type,
  TAG.class_type,
  TAG.typedef,
  TAG.enumerator,
];

/** How to get over a DIE: bytes to skip, and attributes to look at in between. */
interface Step {
  readonly skip: number;
  readonly attribute: AttributeShape | undefined;
}

/** What an abbreviation comes to in this pass. */
interface Plan {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly named: boolean;
  readonly steps: readonly Step[];
}

function planOf({ tag, hasChildren, attributes }: Abbreviation, unit: Unit): Plan {
  const named = NAMED_TAGS.includes(tag);
  const steps: Step[] = [];
  let skip = 0;
  for (const attribute of attributes) {
    const { name } = attribute;
    const wanted =
      (hasChildren && name === AT.sibling) ||
      (named && (name === AT.name || name === AT.declaration || name === AT.const_value));
    const size = formSize(attribute.form, unit);
    if (!wanted && size >= 0) {
      skip += size;
    } else {
      steps.push({ skip, attribute });
      skip = 0;
    }
  }
  if (skip > 0) steps.push({ skip, attribute: undefined });
  return { tag, hasChildren, named, steps };
}

/** Adds the types of a unit to `names`. */
export function indexUnit(sections: DwarfSections, unit: Unit, names: TypeNames): void {
  const reader = sections.readerAt(unit.section, unit.firstDie);
  const plans: Plan[] = [];
  for (const [code, abbreviation] of unit.abbreviations) plans[code] = planOf(abbreviation, unit);
  /** Nesting of the DIE at hand: the root is at 0, types are at 1, enumerators at 2. */
  let depth = 0;
  while (reader.more() && reader.offset < unit.end) {
    const offset = reader.offset;
    const code = reader.uleb();
    if (code === 0) {
      if (--depth <= 0) return;
      continue;
    }
    const plan = plans[code];
    if (plan === undefined) return;
    const sibling = visit(sections, reader, plan, { unit, offset }, depth, names);
    if (!plan.hasChildren) continue;
    const wanted = depth === 0 || (depth === 1 && plan.tag === TAG.enumeration_type);
    // A sibling always follows: one that does not would make this a loop.
    if (!wanted && sibling > reader.offset) reader.offset = sibling;
    else depth++;
  }
}

/** Reads over one DIE and keeps its name if it is a type; the position of its sibling, 0 if it does not say. */
function visit(
  sections: DwarfSections,
  reader: ByteReader,
  plan: Plan,
  place: DiePlace,
  depth: number,
  names: TypeNames,
): number {
  const { unit } = place;
  let sibling = 0;
  let name: string | undefined;
  let value: bigint | undefined;
  let declared = false;
  for (const { skip, attribute } of plan.steps) {
    reader.skip(skip);
    if (attribute === undefined) continue;
    switch (attribute.name) {
      case AT.sibling:
      case AT.name:
      case AT.declaration:
      case AT.const_value: {
        const found = readForm(reader, attribute.form, attribute.implicit, unit, sections);
        if (found.kind === 'string') name = found.value;
        else if (found.kind === 'constant') value = found.value;
        else if (found.kind === 'flag') declared = found.value;
        else if (found.kind === 'reference') sibling = found.value;
        break;
      }
      default:
        skipForm(reader, attribute.form, unit);
    }
  }
  if (!plan.named || name === undefined || declared || reader.failed()) return sibling;
  if (plan.tag === TAG.enumerator) {
    if (depth === 2 && value !== undefined && !names.enumerators.has(name)) {
      names.enumerators.set(name, value);
    }
  } else if (depth === 1) {
    const kept = plan.tag === TAG.typedef ? names.typedefs : names.aggregates;
    if (!kept.has(name)) kept.set(name, place);
  }
  return sibling;
}
