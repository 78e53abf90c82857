/** R14 to R16: the return addresses for which the trampolines of tracers stand on a task's stack. */
import type { Program } from '../symbols/api';
import type { LostReturn, OriginalReturn, ReturnCookies, ReturnSearch } from '../unwind/types';
import { hex } from '../unwind/hex';
import type { Task } from './api';
import { functionGraph } from './function-graph';
import type { KeptReturn, ReturnTracer } from './kept-return';
import type { KernelImage } from './kernel-image';
import type { KernelMemory } from './kernel-memory';
import { returnHooks } from './return-hooks';

/** Two tracers may have replaced each other's trampolines, in either order. */
const mostTracers = 2;

/** The types that are looked up for it, in a kernel that has such tracers. */
export function originalReturnTypes(program: Program): readonly string[] {
  return tracersOf(program).flatMap(({ types }) => types);
}

function tracersOf(program: Program): readonly ReturnTracer[] {
  return [functionGraph(program), returnHooks(program)].filter((tracer) => tracer !== undefined);
}

export class OriginalReturns {
  readonly #image: KernelImage;
  readonly #tracers: readonly ReturnTracer[];

  constructor(program: Program, image: KernelImage) {
    this.#image = image;
    this.#tracers = tracersOf(program);
  }

  /** True for what stands in place of a return address, as a stack has it. */
  isTrampoline(pc: bigint): boolean {
    return this.#tracers.some(({ trampoline }) => this.#image.linkToRunning(trampoline.address) === pc);
  }

  /** A search for each walk of a task, which is the one that runs or waits; `undefined` in a kernel without such tracers. */
  searches(task: Task | undefined, memory: KernelMemory): (() => ReturnSearch) | undefined {
    if (this.#tracers.length === 0) return undefined;
    return () => new Searches(this.#tracers.map((tracer) => new Search(tracer, this.#image, task, memory)));
  }
}

class Searches implements ReturnSearch {
  readonly #searches: readonly Search[];

  constructor(searches: readonly Search[]) {
    this.#searches = searches;
  }

  replaced(ra: bigint, at: ReturnCookies): OriginalReturn | LostReturn | undefined {
    let result: OriginalReturn | LostReturn | undefined;
    let pc = ra;
    // What was kept may be another tracer's trampoline.
    for (let n = 0; n < mostTracers; n++) {
      const found = this.#searches.find(({ start }) => start === pc)?.find(at);
      if (!found) break;
      if (found.kind === 'lost') return found;
      result = result ? { ...found, reason: `${result.reason}; ${found.reason}` } : found;
      ({ pc } = found);
    }
    return result;
  }

  behind(pc: bigint, fp: bigint): OriginalReturn | LostReturn | undefined {
    const search = this.#searches.find(({ start, end }) => pc >= start && pc < end);
    const callerFp = pc === search?.start ? fp : search?.callerFp(fp);
    return search && callerFp !== undefined
      ? this.replaced(search.start, { slot: undefined, fp: callerFp })
      : undefined;
  }
}

/** One tracer's list, gone through once from the innermost call on. It is read when the trampoline is first met. */
class Search {
  readonly #tracer: ReturnTracer;
  /** Of the trampoline, where it runs. */
  readonly start: bigint;
  readonly end: bigint;
  readonly #task: Task | undefined;
  readonly #memory: KernelMemory;
  #kept: readonly KeptReturn[] | string | undefined;
  /** Before this one all are found or passed over. */
  #next = 0;

  constructor(tracer: ReturnTracer, image: KernelImage, task: Task | undefined, memory: KernelMemory) {
    this.#tracer = tracer;
    this.start = image.linkToRunning(tracer.trampoline.address);
    this.end = this.start + BigInt(Math.max(tracer.trampoline.size, 1));
    this.#task = task;
    this.#memory = memory;
  }

  /** s0 of the function in which the trampoline goes on, behind its first instruction. */
  callerFp(fp: bigint): bigint | undefined {
    return this.#tracer.callerFp(fp, this.start, this.#memory);
  }

  /** A function that was left by a tail call has an entry, too, in which the trampoline itself is kept: it is passed over. */
  find(at: ReturnCookies): OriginalReturn | LostReturn {
    const { list, mark, rule, trampoline } = this.#tracer;
    if (!this.#task) return this.#lost('it is not known whose stack it is');
    const kept = (this.#kept ??= this.#tracer.read(this.#task, this.#memory));
    if (typeof kept === 'string') return this.#lost(kept);
    const index = kept.findIndex(({ pc, isOf }, n) => n >= this.#next && pc !== this.start && isOf(at));
    if (index < 0) {
      const slot = at.slot === undefined ? undefined : `the saved ra at ${hex(at.slot)}`;
      const fp = at.fp === undefined ? undefined : `s0 ${hex(at.fp)}`;
      const cookies = [slot, fp].filter((cookie) => cookie !== undefined).join(' or ');
      return this.#lost(`none of the ${kept.length} entries of ${list} is for ${cookies}`);
    }
    this.#next = index + 1;
    const { pc, address } = kept[index]!;
    const reason = `${trampoline.name} stands for ${hex(pc)}, which ${list} has at ${hex(address)}`;
    return { kind: 'found', pc, fp: at.fp, address, mark, rule, reason };
  }

  #lost(why: string): LostReturn {
    const { rule, trampoline } = this.#tracer;
    return {
      kind: 'lost',
      rule,
      reason: `the return address behind ${trampoline.name} is not known: ${why}`,
    };
  }
}
