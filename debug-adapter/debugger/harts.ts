/** A hart as the other layers want to see it. */
import type { HartState } from '../kernel/api';
import type { Target, TargetHart } from '../target/target';
import { cachedMemory } from '../unwind/cached-memory';
import type { ReadMemory } from '../unwind/types';

/** What the kernel layer reads of a hart, as it is now. */
export function hartState(hart: TargetHart): HartState {
  return {
    index: hart.index,
    started: hart.state !== 'stopped',
    pc: hart.pc,
    privilege: hart.privilege,
    bare: hart.bare,
    getX: (index) => hart.getX(index),
    getCsr: (address) => hart.getCsr(address),
  };
}

/** All of the range in this hart's address space, or nothing. */
export function memoryOf(hart: TargetHart): ReadMemory {
  return (address, length) => {
    const bytes = hart.readMemory(address, length);
    return bytes.length === length ? bytes : undefined;
  };
}

/** The same for one walk, with the pages kept that it goes through. Memory must not be written meanwhile. */
export function memoryOfWalk(hart: TargetHart): ReadMemory {
  return cachedMemory((start) => hart.viewPage(start), memoryOf(hart));
}

/** One through which the kernel's own addresses can be read: its mappings are the same on every hart, once its MMU is on. */
export function hartOfKernel({ target }: { readonly target: Pick<Target, 'harts'> }): TargetHart {
  return target.harts.find((hart) => !hart.bare) ?? target.harts[0]!;
}
