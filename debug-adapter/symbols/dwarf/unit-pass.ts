/**
 * A quick pass over the outermost DIEs of a unit, and the enumerators inside: attributes that do not matter are stepped over, and
 * so are children where DW_AT_sibling says how.
 */
import type { ByteReader } from '../bytes/byte-reader';
import type { Abbreviation, AttributeShape } from './abbreviations';
import { AT, TAG } from './constants';
import { formSize, skipForm } from './form-sizes';
import { readForm } from './forms';
import type { DwarfSections } from './sections';
import type { Unit } from './units';

export interface UnitVisitor {
  /** The attributes of such DIEs that matter; `undefined` if nothing of them does. */
  attributesOf(tag: number): readonly number[] | undefined;
  /** Reads an attribute that matters: the reader is at its value, and behind it afterwards. */
  attribute(reader: ByteReader, shape: AttributeShape): void;
  /** Of a DIE that matters all such attributes have been read. Depth 1 are the children of the unit's root, 2 enumerators. */
  die(tag: number, offset: number, depth: number): void;
}

/** How to get over a DIE: bytes to skip, and attributes to look at in between. */
interface Step {
  readonly skip: number;
  readonly attribute: AttributeShape | undefined;
}

/** What an abbreviation comes to in this pass. */
interface Plan {
  readonly tag: number;
  readonly hasChildren: boolean;
  /** `undefined` if nothing of such DIEs matters. */
  readonly wanted: readonly number[] | undefined;
  readonly steps: readonly Step[];
}

function planOf({ tag, hasChildren, attributes }: Abbreviation, unit: Unit, visitor: UnitVisitor): Plan {
  const wanted = visitor.attributesOf(tag);
  const steps: Step[] = [];
  let skip = 0;
  for (const attribute of attributes) {
    const { name } = attribute;
    const stop = (hasChildren && name === AT.sibling) || wanted?.includes(name) === true;
    const size = formSize(attribute.form, unit);
    if (!stop && size >= 0) {
      skip += size;
    } else {
      steps.push({ skip, attribute });
      skip = 0;
    }
  }
  if (skip > 0) steps.push({ skip, attribute: undefined });
  return { tag, hasChildren, wanted, steps };
}

/** Ends where the unit does, or where it is damaged. */
export function passOver(sections: DwarfSections, unit: Unit, visitor: UnitVisitor): void {
  const reader = sections.readerAt(unit.section, unit.firstDie);
  const plans = new Map<number, Plan>();
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
      plans.set(code, (plan = planOf(abbreviation, unit, visitor)));
    }
    const inside = depth === 1 || (depth === 2 && plan.tag === TAG.enumerator);
    const wanted = inside ? plan.wanted : undefined;
    let sibling = 0;
    for (const { skip, attribute } of plan.steps) {
      reader.skip(skip);
      if (attribute === undefined) continue;
      if (attribute.name === AT.sibling) {
        const read = readForm(reader, attribute.form, attribute.implicit, unit, sections);
        if (read.kind === 'reference') sibling = read.value;
      } else if (wanted?.includes(attribute.name) === true) {
        visitor.attribute(reader, attribute);
      } else {
        skipForm(reader, attribute.form, unit);
      }
    }
    if (reader.failed()) break;
    if (wanted !== undefined) visitor.die(plan.tag, offset, depth);
    if (!plan.hasChildren) continue;
    const wantsChildren = depth === 0 || (depth === 1 && plan.tag === TAG.enumeration_type);
    // A sibling always follows: one that does not would make this a loop.
    if (!wantsChildren && sibling > reader.offset) reader.offset = sibling;
    else depth++;
  }
}
