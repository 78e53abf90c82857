import type { Placed } from './page-code';
import { Kind, type PageCode } from './page-code';

/** Instructions that are executed one after the other; only the last may go elsewhere. */
export interface Block {
  readonly instructions: readonly Placed[];
  /** Where control goes on in the same region as far as the instructions say, as offsets: branches, jumps, calls, what follows. */
  readonly successors: readonly number[];
}

/** Blocks that belong together, like those of a function. */
export interface Region {
  /** Offsets of the blocks, ascending. */
  readonly leaders: readonly number[];
  /** Offsets of the blocks where control comes in. */
  readonly entries: readonly number[];
  /** Instructions in all blocks. */
  readonly size: number;
}

/** Callees are joined to their callers up to so many instructions: beyond, registers that the others need cost more than calls. */
const LARGEST_JOINED = 400;

const NONE = -1;

/**
 * The control flow of one page, and how it divides into regions. Places are numbers of halfwords in the page here.
 */
export class PageGraph {
  readonly regions: readonly Region[];
  readonly #code: PageCode;
  readonly #isLeader: Uint8Array;
  readonly #isEntry: Uint8Array;
  /** Block by place of an instruction; `NONE` where there is none. */
  readonly #blockOf: Int16Array;
  /** Place of the last instruction, by block. */
  readonly #lastOf: Int16Array;
  /** A block of the same region, by block: itself if it stands for the region. */
  readonly #parents: Int16Array;
  /** Region by the block that stands for it. */
  readonly #regionAt = new Map<number, number>();

  /** @param entered offsets where control came in although nothing in the code may say so */
  constructor(code: PageCode, entered: Iterable<number> = []) {
    const { places } = code;
    this.#code = code;
    this.#isLeader = new Uint8Array(places + 2);
    this.#isEntry = new Uint8Array(places + 2);
    this.#blockOf = new Int16Array(places).fill(NONE);
    this.#lastOf = new Int16Array(places);
    this.#parents = new Int16Array(places);
    for (let place = 0; place < places; place++) this.#parents[place] = place;
    for (const offset of entered) this.#enter(offset / 2);
    this.#findLeaders();
    const blocks = this.#formBlocks();
    this.#findEntries(blocks);
    this.#joinBlocks(blocks);
    this.regions = this.#collect(blocks);
  }

  /** Number of the region that the instruction at an offset belongs to; `undefined` if there is none. */
  regionAt(offset: number): number | undefined {
    const block = this.#blockOf[offset / 2]!;
    return block === NONE ? undefined : this.#regionAt.get(this.#rootOf(block));
  }

  /** The blocks of a region with their instructions. */
  blocksOf(region: Region): Block[] {
    const inside = new Set(region.leaders);
    return region.leaders.map((leader) => {
      const instructions: Placed[] = [];
      const last = this.#lastOf[leader / 2]!;
      for (let place = leader / 2; place <= last; place += this.#code.lengths[place]!) {
        instructions.push(this.#code.instructionAt(place * 2));
      }
      const successors = this.#successorsOf(leader / 2).map((place) => place * 2);
      return { instructions, successors: successors.filter((offset) => inside.has(offset)) };
    });
  }

  #enter(place: number): void {
    this.#isLeader[place] = 1;
    this.#isEntry[place] = 1;
  }

  #findLeaders(): void {
    const { lengths, kinds, targets, places } = this.#code;
    const isFallenInto = new Uint8Array(places + 2);
    for (let place = 0; place < places; place++) {
      const length = lengths[place]!;
      if (length === 0) continue;
      const next = place + length;
      const kind = kinds[place]!;
      if (kind === Kind.plain) {
        // Instructions that overlap can go on with the same one.
        if (isFallenInto[next]) this.#isLeader[next] = 1;
        isFallenInto[next] = 1;
        continue;
      }
      // What comes after is a block of its own, however it is come to.
      this.#isLeader[next] = 1;
      const target = targets[place]!;
      if (target !== NONE) this.#isLeader[target] = 1;
      if (kind === Kind.call || kind === Kind.indirectCall) this.#isEntry[next] = 1;
      if (kind === Kind.call && target !== NONE) this.#isEntry[target] = 1;
    }
    for (let place = 0; place < places; place++) if (!isFallenInto[place]) this.#isLeader[place] = 1;
  }

  /** Blocks by the place of their first instruction, ascending. */
  #formBlocks(): number[] {
    const { lengths, kinds, places } = this.#code;
    const blocks: number[] = [];
    for (let leader = 0; leader < places; leader++) {
      if (!this.#isLeader[leader] || lengths[leader] === 0) continue;
      blocks.push(leader);
      for (let place = leader; ;) {
        this.#blockOf[place] = leader;
        this.#lastOf[leader] = place;
        if (kinds[place] !== Kind.plain) break;
        place += lengths[place]!;
        if (place >= places || lengths[place] === 0 || this.#isLeader[place]) break;
      }
    }
    return blocks;
  }

  /** Blocks where control goes on within the page. */
  #successorsOf(block: number): number[] {
    const { lengths, kinds, targets } = this.#code;
    const last = this.#lastOf[block]!;
    const kind = kinds[last]!;
    const goesOn = kind === Kind.plain || kind === Kind.branch;
    const found = kind === Kind.plain ? [] : [targets[last]!];
    if (goesOn) found.push(last + lengths[last]!);
    return found.filter((place) => this.#isBlock(place));
  }

  #isBlock(place: number): boolean {
    return place !== NONE && this.#blockOf[place] === place;
  }

  #findEntries(blocks: readonly number[]): void {
    const isLedTo = new Uint8Array(this.#code.places);
    for (const block of blocks) {
      for (const next of this.#successorsOf(block)) isLedTo[next] = 1;
    }
    // Blocks that nothing in the page leads to are come to from elsewhere.
    for (const block of blocks) if (!isLedTo[block]) this.#isEntry[block] = 1;
  }

  #joinBlocks(blocks: readonly number[]): void {
    const { lengths, kinds, targets } = this.#code;
    const calls: (readonly [from: number, to: number])[] = [];
    for (const block of blocks) {
      const last = this.#lastOf[block]!;
      const kind = kinds[last]!;
      const isCall = kind === Kind.call || kind === Kind.indirectCall;
      if (kind === Kind.call && this.#isBlock(targets[last]!)) calls.push([block, targets[last]!]);
      const own = isCall ? [last + lengths[last]!] : this.#successorsOf(block);
      for (const next of own) if (this.#isBlock(next)) this.#join(block, next);
    }
    const sizes = this.#sizes(blocks);
    for (const [from, to] of calls) {
      const [caller, callee] = [this.#rootOf(from), this.#rootOf(to)];
      const size = sizes[caller]! + sizes[callee]!;
      if (caller === callee || size > LARGEST_JOINED) continue;
      this.#join(caller, callee);
      sizes[caller] = size;
    }
  }

  /** Instructions by the block that stands for a region. */
  #sizes(blocks: readonly number[]): Uint16Array {
    const sizes = new Uint16Array(this.#code.places);
    for (const block of blocks) sizes[this.#rootOf(block)]! += this.#sizeOf(block);
    return sizes;
  }

  #sizeOf(block: number): number {
    let size = 1;
    for (let place = block; place < this.#lastOf[block]!; place += this.#code.lengths[place]!) size++;
    return size;
  }

  #collect(blocks: readonly number[]): Region[] {
    const found: { leaders: number[]; entries: number[]; size: number }[] = [];
    for (const block of blocks) {
      const root = this.#rootOf(block);
      let number = this.#regionAt.get(root);
      if (number === undefined) {
        number = found.length;
        this.#regionAt.set(root, number);
        found.push({ leaders: [], entries: [], size: 0 });
      }
      const region = found[number]!;
      region.leaders.push(block * 2);
      if (this.#isEntry[block]) region.entries.push(block * 2);
      region.size += this.#sizeOf(block);
    }
    return found;
  }

  #rootOf(block: number): number {
    const parents = this.#parents;
    let root = block;
    while (parents[root] !== root) {
      parents[root] = parents[parents[root]!]!;
      root = parents[root]!;
    }
    return root;
  }

  #join(a: number, b: number): void {
    this.#parents[this.#rootOf(b)] = this.#rootOf(a);
  }
}
