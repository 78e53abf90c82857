import { useOf } from './instruction-use';
import type { Block } from './blocks';
import type { Placed } from './page-code';
import { emitInstruction, type Ways } from './region-emitter';
import { pageAddress, RegisterLocals, regionType, selector } from './region-frame';
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
import type { FunctionBody } from '../wasm/module';

/** Where a region's code lies, and what it is called by. */
export interface RegionPlace {
  /** Decoded page of the code, an address in the WebAssembly memory. */
  readonly decodedPage: number;
  /** Index in the table of regions. */
  readonly index: number;
}

/**
 * Writes a region as a WebAssembly function.
 * @param entries offsets of the blocks where control may come in: the function takes the number of one in this list
 */
export function writeRegion(
  blocks: readonly Block[],
  entries: readonly number[],
  place: RegionPlace,
): FunctionBody {
  return new RegionWriter(blocks, entries, place).write();
}

/** How to get to a block that some construct around the code starts with. */
interface Target {
  readonly label: Label;
  /** The construct begins with a choice. */
  readonly selects: boolean;
}

class RegionWriter {
  private readonly blocks: readonly Block[];
  private readonly place: RegionPlace;
  private readonly registers: RegisterLocals;
  /** Number of the block at an offset. */
  private readonly blockAt = new Map<number, number>();
  /** Blocks that are chosen by number: entries, and heads of loops with several. The number is the place here. */
  private readonly selectable: number[] = [];
  private readonly entries: readonly number[];
  private readonly targets = new Map<number, Target>();
  /** By block: where it goes if it needs more steps than are left. */
  private ranOut: readonly Label[] = [];
  private top: Label = { depth: 0 };
  private exit: Label = { depth: 0 };
  private stop: Label = { depth: 0 };

  constructor(blocks: readonly Block[], entries: readonly number[], place: RegionPlace) {
    this.blocks = blocks;
    this.place = place;
    this.registers = new RegisterLocals(blocks.flatMap(({ instructions }) => instructions));
    blocks.forEach(({ instructions }, index) => this.blockAt.set(instructions[0]!.offset, index));
    this.entries = entries.map((offset) => this.blockAt.get(offset)!);
    this.selectable.push(...this.entries);
  }

  write(): FunctionBody {
    const items = structure(this.blocks.length, this.entries, (node) =>
      this.blocks[node]!.successors.map((offset) => this.blockAt.get(offset)!),
    );
    const code = new CodeBuffer();
    this.function(items)(code);
    return { type: regionType, locals: this.registers.types, code };
  }

  private function(items: readonly Item[]): Code {
    const body = sequence(
      translation.set(i32.load(zero, State.translation)),
      this.registers.load,
      block((stop) =>
        sequence(
          block((exit) => {
            this.stop = stop;
            this.exit = exit;
            return this.beforeRunningOut(
              loop((top) => {
                this.top = top;
                return this.sequence(items, this.entries, []);
              }),
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
   * Items one after the other, each at the end of a block that leads to it.
   * @param choices where control comes in: the code begins with a choice between them
   * @param heads of the loop that the items are the body of: the way to those is its start
   */
  private sequence(
    items: readonly Item[],
    choices: readonly number[] | undefined,
    heads: readonly number[],
  ): Statement {
    // Without a choice the first item needs no way to it.
    const led = choices ? items : items.slice(1);
    const code = blocks(
      led.map((item) => (to) => this.item(item)(to)),
      (ends) => {
        const labels = new Map<number, Label>();
        led.forEach((item, index) => {
          for (const head of item.heads) labels.set(head, ends[index]!);
          this.reach(item, ends[index]!, heads);
        });
        return choices ? this.choose(choices, labels) : this.item(items[0]!);
      },
    );
    return sequence(code, unreachable);
  }

  /** Says how to get to the heads of an item from here. */
  private reach(item: Item, label: Label, except: readonly number[] = []): void {
    const selects = item.kind === 'loop' && item.heads.length > 1;
    for (const head of item.heads) {
      if (except.includes(head)) continue;
      this.targets.set(head, { label, selects });
      if (selects && !this.selectable.includes(head)) this.selectable.push(head);
    }
  }

  private choose(choices: readonly number[], labels: ReadonlyMap<number, Label>): Statement {
    const otherwise = labels.get(choices[0]!)!;
    return (to) => {
      const table = this.selectable.map((node) => (choices.includes(node) ? labels.get(node)! : otherwise));
      branchTable(selector.get, table, otherwise)(to);
    };
  }

  private item(item: Item): Statement {
    if (item.kind === 'node') return this.block(item.node);
    return loop((start) => {
      this.reach(item, start);
      return this.sequence(item.items, item.heads.length > 1 ? item.heads : undefined, item.heads);
    });
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
      this.instructions(instructions),
      ends ? nothing : this.goTo(end),
    );
  }

  private instructions(block: readonly Placed[]): Statement {
    return (to) => {
      let floatIsOn = false;
      let after = block.length;
      for (const { offset, bits, decoded } of block) {
        after--;
        const site = { offset, decoded, after, bits, floatIsOn, registers: this.registers };
        emitInstruction(site, this.waysFrom(offset, after))(to);
        floatIsOn ||= useOf(decoded.instruction).needsFloat;
      }
    };
  }

  private waysFrom(offset: number, after: number): Ways {
    return {
      goTo: (to) => this.goTo(to),
      goToIf: (condition, to) => this.goToIf(condition, to),
      goToAddress: (to) => this.goToAddress(to),
      leave: (to) =>
        sequence(budget.set(i32.add(budget.get, i32.constant(after + 1))), this.leaveAt(offset))(to),
      stop: this.stop,
    };
  }

  private leaveAt(offset: number): Statement {
    return sequence(address.set(i64.add(pageAddress.get, i64.constant(offset))), (to) =>
      branchTo(this.exit)(to),
    );
  }

  private goTo(offset: number): Statement {
    return (to) => {
      const node = this.blockAt.get(offset);
      const target = node === undefined ? undefined : this.targets.get(node);
      if (!target) {
        this.leaveAt(offset)(to);
        return;
      }
      if (target.selects) selector.set(i32.constant(this.selectable.indexOf(node!)))(to);
      branchTo(target.label)(to);
    };
  }

  private goToIf(condition: I32, offset: number): Statement {
    return (to) => {
      const node = this.blockAt.get(offset);
      const target = node === undefined ? undefined : this.targets.get(node);
      if (!target || target.selects) ifThen(condition, this.goTo(offset))(to);
      else branchIf(condition, target.label)(to);
    };
  }

  /** To an entry of this region if `address` is one: the decoded page says so. */
  private get goToAddress(): Statement {
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
        branchTo(this.exit),
      )(to);
  }
}
