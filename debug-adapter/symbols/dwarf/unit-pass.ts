/**
 * A quick pass over the outermost DIEs of a unit, and the enumerators inside, or over all of them: attributes that do not matter are stepped
 * over, and so are children that do not where DW_AT_sibling says how.
 */
import type { ByteReader } from '../bytes/byte-reader';
import { finish, type Steps } from '../steps';
import type { Abbreviation, AttributeShape } from './abbreviations';
import { AT, FORM, TAG } from './constants';
import { formSize, skipForm } from './form-sizes';
import { readForm } from './forms';
import type { DwarfSections } from './sections';
import type { Unit } from './units';

/** The attributes that matter of DIEs with a tag; of other tags nothing does. One such map for all units. */
export type WantedAttributes = ReadonlyMap<number, readonly number[]>;

export interface UnitVisitor {
  readonly wanted: WantedAttributes;
  /** DIEs at any depth matter. */
  readonly everywhere?: boolean;
  /** Reads an attribute that matters: the reader is at its value, and behind it afterwards. */
  attribute(reader: ByteReader, shape: AttributeShape): void;
  /** Of a DIE that matters all such attributes have been read. Depth 1 are the children of the unit's root, 2 enumerators. */
  die(tag: number, offset: number, depth: number): void;
}

/** How to get over a DIE: bytes to skip, and attributes to look at in between. */
interface Step {
  readonly skip: number;
  readonly attribute: AttributeShape | undefined;
  /** What the attribute is for: the visitor, if the DIE is where it matters, or to get over the children. */
  readonly use: 'visitor' | 'sibling' | 'none';
}

/** What an abbreviation comes to in this pass. */
interface Plan {
  readonly tag: number;
  readonly hasChildren: boolean;
  /** False if nothing of such DIEs does. */
  readonly matters: boolean;
  readonly steps: readonly Step[];
}

/** Units of one compiler share their abbreviations, and the plans for them. */
const plans = new WeakMap<WantedAttributes, Map<number, WeakMap<Abbreviation, Plan>>>();

/** Plans for units with forms of the same sizes. */
function plansFor(all: WantedAttributes, unit: Unit): WeakMap<Abbreviation, Plan> {
  let bySizes = plans.get(all);
  if (bySizes === undefined) plans.set(all, (bySizes = new Map<number, WeakMap<Abbreviation, Plan>>()));
  const sizes = (unit.addressSize * 16 + unit.offsetSize) * 16 + unit.version;
  let found = bySizes.get(sizes);
  if (found === undefined) bySizes.set(sizes, (found = new WeakMap<Abbreviation, Plan>()));
  return found;
}

function planOf({ tag, hasChildren, attributes }: Abbreviation, unit: Unit, all: WantedAttributes): Plan {
  const wanted = all.get(tag);
  const steps: Step[] = [];
  let skip = 0;
  for (const attribute of attributes) {
    const { name } = attribute;
    const use =
      hasChildren && name === AT.sibling ? 'sibling' : wanted?.includes(name) === true ? 'visitor' : 'none';
    const size = formSize(attribute.form, unit);
    if (use === 'none' && size >= 0) {
      skip += size;
    } else {
      steps.push({ skip, attribute, use });
      skip = 0;
    }
  }
  if (skip > 0) steps.push({ skip, attribute: undefined, use: 'none' });
  return { tag, hasChildren, matters: wanted !== undefined, steps };
}

/** Codes below are looked up in an array; compilers number shapes from 1 on. */
const MOST_CODE = 1 << 12;

/** DIEs in one step. */
const PIECE = 500;

/** Ends where the unit does, or where it is damaged. */
export function passOver(sections: DwarfSections, unit: Unit, visitor: UnitVisitor): void {
  finish(passSteps(sections, unit, visitor));
}

/** As {@link passOver}, a part of a large unit at a time. */
export function* passSteps(sections: DwarfSections, unit: Unit, visitor: UnitVisitor): Steps<void> {
  const reader = sections.readerAt(unit.section, unit.firstDie);
  const known = plansFor(visitor.wanted, unit);
  const byCode: Plan[] = [];
  const everywhere = visitor.everywhere === true;
  let depth = 0;
  let left = PIECE;
  while (reader.more() && reader.offset < unit.end) {
    if (--left === 0) {
      yield (reader.offset - unit.firstDie) / (unit.end - unit.firstDie);
      left = PIECE;
    }
    const offset = reader.offset;
    const code = reader.uleb();
    if (code === 0) {
      if (--depth <= 0) break;
      continue;
    }
    let plan = code < MOST_CODE ? byCode[code] : undefined;
    if (plan === undefined) {
      const abbreviation = unit.abbreviations.get(code);
      if (abbreviation === undefined) break;
      plan = known.get(abbreviation);
      if (plan === undefined) known.set(abbreviation, (plan = planOf(abbreviation, unit, visitor.wanted)));
      if (code < MOST_CODE) byCode[code] = plan;
    }
    const inside =
      plan.matters && (everywhere || depth === 1 || (depth === 2 && plan.tag === TAG.enumerator));
    let sibling = 0;
    for (const { skip, attribute, use } of plan.steps) {
      if (skip > 0) reader.skip(skip);
      if (attribute === undefined) continue;
      if (use === 'sibling') sibling = readSibling(reader, attribute, unit, sections);
      else if (use === 'visitor' && inside) visitor.attribute(reader, attribute);
      else skipForm(reader, attribute.form, unit);
    }
    if (reader.failed()) break;
    if (inside) visitor.die(plan.tag, offset, depth);
    if (!plan.hasChildren) continue;
    const wantsChildren = everywhere || depth === 0 || (depth === 1 && plan.tag === TAG.enumeration_type);
    // A sibling always follows: one that does not would make this a loop.
    if (!wantsChildren && sibling > reader.offset) reader.offset = sibling;
    else depth++;
  }
}

/** Position of the DIE that follows the children; 0 if that is not said. */
function readSibling(
  reader: ByteReader,
  { form, implicit }: AttributeShape,
  unit: Unit,
  sections: DwarfSections,
): number {
  if (form === FORM.ref4) return unit.offset + reader.u32();
  const read = readForm(reader, form, implicit, unit, sections);
  return read.kind === 'reference' ? read.value : 0;
}
