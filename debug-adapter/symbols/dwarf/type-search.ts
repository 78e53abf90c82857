/**
 * Finds a named type of a unit by a quick pass over its outermost DIEs: attributes that do not matter are stepped over, and
 * so are children where DW_AT_sibling says how.
 */
import type { Abbreviation, AttributeShape } from './abbreviations';
import { AT, TAG } from './constants';
import type { DiePlace } from './die';
import { formSize, skipForm } from './form-sizes';
import { readForm } from './forms';
import type { DwarfSections } from './sections';
import type { Unit } from './units';
import type { WantedName } from './wanted-name';

/** What a unit says of a name; the first definition of each kind. C keeps these apart: one name can be all three. */
export interface NamedTypes {
  /** Structure, union or class that is defined, not only declared. */
  aggregate?: DiePlace;
  typedef?: DiePlace;
  enumerator?: bigint;
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

/** All that a unit says of a name. */
export function findInUnit(sections: DwarfSections, unit: Unit, wanted: WantedName): NamedTypes {
  const reader = sections.readerAt(unit.section, unit.firstDie);
  const found: NamedTypes = {};
  const plans = new Map<number, Plan>();
  /** Nesting of the DIE at hand: the root is at 0, types are at 1, enumerators at 2. */
  let depth = 0;
  while (reader.more() && reader.offset < unit.end) {
    const offset = reader.offset;
    const code = reader.uleb();
    if (code === 0) {
      if (--depth <= 0) break;
      continue;
    }
    let plan = plans.get(code);
    if (plan === undefined) {
      const abbreviation = unit.abbreviations.get(code);
      if (abbreviation === undefined) break;
      plans.set(code, (plan = planOf(abbreviation, unit)));
    }
    let sibling = 0;
    let named = false;
    let value: bigint | undefined;
    let declared = false;
    for (const { skip, attribute } of plan.steps) {
      reader.skip(skip);
      if (attribute === undefined) continue;
      switch (attribute.name) {
        case AT.name:
          named = wanted.isNext(reader, attribute, unit);
          break;
        case AT.sibling:
        case AT.declaration:
        case AT.const_value: {
          const read = readForm(reader, attribute.form, attribute.implicit, unit, sections);
          if (read.kind === 'constant') value = read.value;
          else if (read.kind === 'flag') declared = read.value;
          else if (read.kind === 'reference') sibling = read.value;
          break;
        }
        default:
          skipForm(reader, attribute.form, unit);
      }
    }
    if (reader.failed()) break;
    if (plan.named && named && !declared) {
      if (plan.tag === TAG.enumerator) {
        if (depth === 2 && value !== undefined) found.enumerator ??= value;
      } else if (depth === 1) {
        if (plan.tag === TAG.typedef) found.typedef ??= { unit, offset };
        else found.aggregate ??= { unit, offset };
      }
    }
    if (!plan.hasChildren) continue;
    const wantsChildren = depth === 0 || (depth === 1 && plan.tag === TAG.enumeration_type);
    // A sibling always follows: one that does not would make this a loop.
    if (!wantsChildren && sibling > reader.offset) reader.offset = sibling;
    else depth++;
  }
  return found;
}
