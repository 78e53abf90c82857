/** Structures and unions with their nested members, from their DIEs. */
import type { MemberLayout, StructLayout } from '../api';
import { AT, TAG } from './constants';
import { nameOf, type Die, type DiePlace, type DieReader } from './die';
import { isAggregate, layoutOf, locationOf, MAX_DEPTH, sizeOf, strip } from './member-layout';

/** Linux's largest structures have some thousand members. */
const MAX_MEMBERS = 50_000;

/**
 * The layout of the structure or union at a place, which may be a typedef of one. Members of nested structures follow
 * theirs as `outer.inner`, those of anonymous ones have no prefix of their own; elements of arrays are not listed.
 */
export function structLayout(name: string, place: DiePlace, reader: DieReader): StructLayout | undefined {
  const root = strip(reader.read(place), reader);
  if (root === undefined || !isAggregate(root) || root.attributes.has(AT.declaration)) return undefined;
  return { name, size: sizeOf(root, reader), members: new StructMembers(root, reader) };
}

/** A member by its DIE; what it comes to is read when it is asked for: `task_struct` has thousands, of which few matter. */
class Member {
  readonly #die: Die;
  readonly #reader: DieReader;
  /** Of the anonymous structures around it, in the structure that has a name. */
  readonly #base: number;
  #inner: ReadonlyMap<string, Member> | undefined;

  constructor(die: Die, reader: DieReader, base: number) {
    this.#die = die;
    this.#reader = reader;
    this.#base = base;
  }

  get layout(): MemberLayout {
    return layoutOf(this.#die, this.#base, this.#type, this.#reader);
  }

  /** Members of a nested structure, with offsets in it. */
  get members(): ReadonlyMap<string, Member> {
    const type = this.#type;
    return (this.#inner ??=
      type !== undefined && isAggregate(type) ? namedMembers(type, this.#reader) : new Map());
  }

  get #type(): Die | undefined {
    return strip(this.#reader.follow(this.#die, AT.type), this.#reader);
  }
}

/** The members of a structure that have names, those of anonymous structures inside it included. */
function namedMembers(root: Die, reader: DieReader): ReadonlyMap<string, Member> {
  const found = new Map<string, Member>();
  let visited = 0;
  const add = (aggregate: Die, base: number, depth: number): void => {
    for (const die of reader.children(aggregate)) {
      if (die.tag !== TAG.member) continue;
      if (++visited > MAX_MEMBERS) return;
      const name = nameOf(die);
      if (name !== undefined) {
        found.set(name, new Member(die, reader, base));
      } else if (depth < MAX_DEPTH) {
        const type = strip(reader.follow(die, AT.type), reader);
        if (type !== undefined && isAggregate(type)) add(type, base + locationOf(die), depth + 1);
      }
    }
  };
  add(root, 0, 0);
  return found;
}

/** Members by name path. One path costs the structures on its way; to go through all of them reads all. */
class StructMembers implements ReadonlyMap<string, MemberLayout> {
  readonly #root: Die;
  readonly #reader: DieReader;
  #members: ReadonlyMap<string, Member> | undefined;
  #all: ReadonlyMap<string, MemberLayout> | undefined;

  constructor(root: Die, reader: DieReader) {
    this.#root = root;
    this.#reader = reader;
  }

  get(path: string): MemberLayout | undefined {
    let members = this.#top;
    let base = 0;
    const parts = path.split('.');
    if (parts.length > MAX_DEPTH) return undefined;
    for (const [index, part] of parts.entries()) {
      const member = members.get(part);
      if (member === undefined) return undefined;
      const { layout } = member;
      if (index === parts.length - 1) return { ...layout, offset: base + layout.offset };
      base += layout.offset;
      members = member.members;
    }
    return undefined;
  }

  has(path: string): boolean {
    return this.get(path) !== undefined;
  }

  get size(): number {
    return this.#flat.size;
  }

  entries(): MapIterator<[string, MemberLayout]> {
    return this.#flat.entries();
  }

  keys(): MapIterator<string> {
    return this.#flat.keys();
  }

  values(): MapIterator<MemberLayout> {
    return this.#flat.values();
  }

  [Symbol.iterator](): MapIterator<[string, MemberLayout]> {
    return this.#flat.entries();
  }

  forEach(
    action: (layout: MemberLayout, path: string, map: ReadonlyMap<string, MemberLayout>) => void,
  ): void {
    for (const [path, layout] of this.#flat) action(layout, path, this);
  }

  get #top(): ReadonlyMap<string, Member> {
    return (this.#members ??= namedMembers(this.#root, this.#reader));
  }

  get #flat(): ReadonlyMap<string, MemberLayout> {
    if (this.#all !== undefined) return this.#all;
    const all = new Map<string, MemberLayout>();
    const add = (members: ReadonlyMap<string, Member>, prefix: string, base: number, depth: number): void => {
      for (const [name, member] of members) {
        if (all.size >= MAX_MEMBERS) return;
        const { layout } = member;
        all.set(prefix + name, { ...layout, offset: base + layout.offset });
        if (depth < MAX_DEPTH) add(member.members, `${prefix}${name}.`, base + layout.offset, depth + 1);
      }
    };
    add(this.#top, '', 0, 0);
    return (this.#all = all);
  }
}
