import { groupAccesses, type AccessGroup } from './access-groups';
import { useOf } from './instruction-use';
import type { Block } from './blocks';
import type { Placed } from './page-code';
import { emitInstruction, type Ways } from './region-emitter';
import { FIRST_ENTRY, pageAddress, RegisterLocals, regionType, selector } from './region-frame';
import type { Item } from './structure';
import { structure } from './structure';
import { CodeBuffer } from '../wasm/code';
import type { Code, I32, Label, Statement } from '../wasm/expression';
import {
  block,
  blocks,
  branchIf,
  branchTable,
  branchTo,
  i32,
  i64,
  ifThen,
  loop,
  nothing,
  sequence,
  unreachable,
  valueAfter,
} from '../wasm/expression';
import { address, budget, host, saveAt, translation, zero } from '../wasm/frame';
import { Handler } from '../wasm/handlers';
import { Entry, State } from '../wasm/layout';
import { plainLook, watchfulLook } from '../wasm/memory-access';
import type { FunctionBody } from '../wasm/module';

/** Where a region's code lies, and what it is called by. */
export interface RegionPlace {
  /** Decoded page of the code, an address in the WebAssembly memory. */
  readonly decodedPage: number;
  /** Index in the table of regions. */
  readonly index: number;
  /** What of a page is watched is to be looked at, instead of leaving all accesses to such pages to the interpreter. */
  readonly watchful: boolean;
}

interface WrittenRegion {
  readonly body: FunctionBody;
  /** Offsets where control can come in: the function takes the number of one in this list, counted from {@link FIRST_ENTRY}. */
  readonly entries: readonly number[];
}

/**
 * Writes a region as a WebAssembly function.
 * @param entries offsets of blocks where control comes in. It can come in at each round of a loop too: a run may end, and go on, in the middle of it
 */
export function writeRegion(
  blocks: readonly Block[],
  entries: readonly number[],
  place: RegionPlace,
): WrittenRegion {
  return new RegionWriter(blocks, entries, place).write();
}

/** How to get to a block. */
interface Target {
  readonly label: Label;
  /** The label is of a loop around the block: its start chooses by number. */
  readonly selects: boolean;
}

/** Which instruction is left to the interpreter: its offset, and the steps of its block that are not done. */
const site = host;
const siteOf = (offset: number, steps: number): I32 => i32.constant(offset | (steps << SITE_SHIFT));
const SITE_SHIFT = 12;
const siteOffset = i32.and(site.get, i32.constant((1 << SITE_SHIFT) - 1));
const goBackToSite: Statement = sequence(
  budget.set(i32.add(budget.get, i32.shrU(site.get, i32.constant(SITE_SHIFT)))),
  address.set(i64.add(pageAddress.get, i64.zeroExtend32(siteOffset))),
);

/** The instruction at this offset is the one that leaves the region for elsewhere. */
const noteLeaving = (offset: number): Statement => i32.store(zero, i32.constant(offset), State.leftAt);

class RegionWriter {
  private readonly blocks: readonly Block[];
  private readonly place: RegionPlace;
  private readonly registers: RegisterLocals;
  /** Number of the block at an offset. */
  private readonly blockAt = new Map<number, number>();
  private readonly items: readonly Item[];
  /** Blocks that can be chosen by number: entries first. */
  private readonly selectable: number[];
  /** By block. */
  private readonly groups: readonly ReadonlyMap<Placed, AccessGroup>[];
  /** Those at which the choice is forgotten already. */
  private readonly forgotten = new Set<number>();
  private readonly entries: readonly number[];
  private readonly targets = new Map<number, Target>();
  /** By block: where it goes if it needs more steps than are left. */
  private ranOut: readonly Label[] = [];
  private top: Label = { depth: 0 };
  private leave: Label = { depth: 0 };
  private exit: Label = { depth: 0 };
  private stop: Label = { depth: 0 };

  constructor(blocks: readonly Block[], entries: readonly number[], place: RegionPlace) {
    this.blocks = blocks;
    this.place = place;
    this.groups = blocks.map(({ instructions }) => groupAccesses(instructions));
    const mostGroups = Math.max(...this.groups.map((groups) => new Set(groups.values()).size));
    this.registers = new RegisterLocals(
      blocks.flatMap(({ instructions }) => instructions),
      mostGroups,
    );
    blocks.forEach(({ instructions }, index) => this.blockAt.set(instructions[0]!.offset, index));
    const named = entries.map((offset) => this.blockAt.get(offset)!);
    const { items, heads } = structure(blocks.length, named, (node) =>
      blocks[node]!.successors.map((offset) => this.blockAt.get(offset)!),
    );
    this.items = items;
    this.entries = [...new Set([...named, ...heads])].sort((a, b) => a - b);
    this.selectable = [...this.entries];
  }

  write(): WrittenRegion {
    const code = new CodeBuffer();
    this.function(code);
    return {
      body: { type: regionType, locals: this.registers.types, code },
      entries: this.entries.map((node) => this.blocks[node]!.instructions[0]!.offset),
    };
  }

  private get function(): Code {
    const body = sequence(
      translation.set(i32.load(zero, State.translation)),
      this.registers.load,
      block((stop) =>
        sequence(
          block((exit) => {
            this.stop = stop;
            this.exit = exit;
            const body = loop((top) => {
              this.top = top;
              return this.sequence(this.items, this.entries);
            });
            return sequence(
              block((leave) => {
                this.leave = leave;
                return this.beforeRunningOut(body);
              }),
              goBackToSite,
            );
          }),
          saveAt(address.get),
        ),
      ),
      this.registers.store,
    );
    return valueAfter(body, i32.load(zero, State.budget));
  }

  /** Puts what a block does that needs more steps than are left behind all other code, where it is in nobody's way. */
  private beforeRunningOut(code: Statement): Statement {
    const leaving = this.blocks.map(({ instructions }) =>
      sequence(
        i32.store(zero, i32.constant(-this.place.index), State.ranOutAt),
        this.leaveAt(instructions[0]!.offset),
      ),
    );
    return blocks(leaving, (ends) => {
      this.ranOut = ends;
      return code;
    });
  }

  /**
   * Items one after the other, each at the end of a block that leads to it. Begins with a choice between nodes, if one was chosen; else at
   * the head.
   */
  private sequence(items: readonly Item[], choices: readonly number[], head?: number): Statement {
    const [first] = items;
    // What the code begins with needs no way to it.
    const startsWith = first?.kind === 'node' && first.node === head ? first : undefined;
    const led = startsWith ? items.slice(1) : items;
    const code = blocks(
      led.map((item) => (to) => this.item(item)(to)),
      (ends) => {
        const labels = new Map<number, Label>();
        led.forEach((item, index) => {
          for (const node of this.reach(item, ends[index]!, head)) labels.set(node, ends[index]!);
        });
        const choice = choices.length > 0 ? this.choose(choices, labels, head === undefined) : nothing;
        if (startsWith) return sequence(choice, this.item(startsWith));
        return head === undefined ? choice : sequence(choice, branchTo(labels.get(head)!));
      },
    );
    return sequence(code, unreachable);
  }

  /**
   * Says how to get to the nodes of an item from here, and which these are.
   * @param head of the loop around: the way to it is the loop's start
   */
  private reach(item: Item, label: Label, head?: number): readonly number[] {
    if (item.kind === 'node') {
      if (item.node !== head) this.targets.set(item.node, { label, selects: false });
      return [item.node];
    }
    this.targets.set(item.head, { label, selects: false });
    for (const node of item.entered) {
      this.targets.set(node, { label, selects: true });
      if (!this.selectable.includes(node)) this.selectable.push(node);
    }
    return [item.head, ...item.entered];
  }

  /** Goes on at the chosen node, if it is one of these. */
  private choose(choices: readonly number[], labels: ReadonlyMap<number, Label>, always: boolean): Statement {
    return (to) => {
      const choose = block((otherwise) => {
        const table = this.selectable.map((node) => (choices.includes(node) ? labels.get(node)! : otherwise));
        return branchTable(selector.get, [...Array<Label>(FIRST_ENTRY).fill(otherwise), ...table], otherwise);
      });
      (always ? sequence(choose, unreachable) : ifThen(selector.get, choose))(to);
    };
  }

  private item(item: Item): Statement {
    if (item.kind === 'node') return sequence(this.forgetChoice(item.node), this.block(item.node));
    const { head, entered } = item;
    // If there is a choice at the loop's start, it is still to be made. If not, it needs to be forgotten only once.
    const before = entered.length > 0 ? nothing : this.forgetChoice(head);
    const body = loop((start) => {
      this.targets.set(head, { label: start, selects: false });
      return this.sequence(item.items, entered, head);
    });
    return sequence(before, body);
  }

  /** At a node that can be chosen: from here on nothing is. */
  private forgetChoice(node: number): Statement {
    if (!this.selectable.includes(node) || this.forgotten.has(node)) return nothing;
    this.forgotten.add(node);
    return selector.set(i32.constant(0));
  }

  private block(node: number): Statement {
    const { instructions } = this.blocks[node]!;
    const count = instructions.length;
    const last = instructions.at(-1)!;
    const end = last.offset + last.decoded.length;
    const ends = last.decoded.instruction.flow === 'link';
    return sequence(
      branchIf(i32.ltS(budget.get, i32.constant(count)), this.ranOut[node]!),
      budget.set(i32.sub(budget.get, i32.constant(count))),
      this.instructions(instructions, this.groups[node]!),
      ends ? nothing : this.goTo(end, last.offset),
    );
  }

  private instructions(block: readonly Placed[], groups: ReadonlyMap<Placed, AccessGroup>): Statement {
    return (to) => {
      let floatIsOn = false;
      let after = block.length;
      for (const placed of block) {
        const { offset, bits, decoded } = placed;
        after--;
        const { registers } = this;
        const look = this.place.watchful ? watchfulLook : plainLook;
        const site = { offset, decoded, after, bits, floatIsOn, registers, group: groups.get(placed), look };
        emitInstruction(site, this.waysFrom(offset, after))(to);
        floatIsOn ||= useOf(decoded.instruction).needsFloat;
      }
    };
  }

  private waysFrom(offset: number, after: number): Ways {
    return {
      goTo: (to) => this.goTo(to, offset),
      goToIf: (condition, to) => this.goToIf(condition, to, offset),
      goToAddress: (to) => this.goToAddress(offset)(to),
      leave: (to) => sequence(site.set(siteOf(offset, after + 1)), branchTo(this.leave))(to),
      stop: this.stop,
    };
  }

  private leaveAt(offset: number): Statement {
    return sequence(address.set(i64.add(pageAddress.get, i64.constant(offset))), (to) =>
      branchTo(this.exit)(to),
    );
  }

  /** @param from offset of the instruction that goes there */
  private goTo(offset: number, from: number): Statement {
    return (to) => {
      const node = this.blockAt.get(offset);
      const target = node === undefined ? undefined : this.targets.get(node);
      if (!target) {
        sequence(noteLeaving(from), this.leaveAt(offset))(to);
        return;
      }
      if (target.selects) selector.set(i32.constant(FIRST_ENTRY + this.selectable.indexOf(node!)))(to);
      branchTo(target.label)(to);
    };
  }

  private goToIf(condition: I32, offset: number, from: number): Statement {
    return (to) => {
      const node = this.blockAt.get(offset);
      const target = node === undefined ? undefined : this.targets.get(node);
      if (!target || target.selects) ifThen(condition, this.goTo(offset, from))(to);
      else branchIf(condition, target.label)(to);
    };
  }

  /** To an entry of this region if `address` is one: the decoded page says so. */
  private goToAddress(from: number): Statement {
    const { decodedPage, index } = this.place;
    const mine = Handler.translated | (index << 16);
    const entry = i32.add(
      i32.shl(i32.wrap(i64.sub(address.get, pageAddress.get)), i32.constant(3)),
      i32.constant(decodedPage),
    );
    return (to) =>
      sequence(
        ifThen(
          i64.ltU(i64.sub(address.get, pageAddress.get), i64.constant(4096)),
          ifThen(
            i32.eq(i32.load(host.tee(entry), Entry.handler), i32.constant(mine)),
            selector.set(i32.load16U(host.get, Entry.selector)),
            branchTo(this.top),
          ),
        ),
        noteLeaving(from),
        branchTo(this.exit),
      )(to);
  }
}
