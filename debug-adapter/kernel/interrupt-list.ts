/** Linux's interrupts as /proc/interrupts lists them: who handles each, and how often each CPU has (kernel/irq/{irqdesc,proc}.c). */
import type { Program, StructLayout } from '../symbols/api';
import { maplePointers, radixPointers } from './index-tree';
import type { KernelImage } from './kernel-image';
import type { KernelMemory } from './kernel-memory';
import type { PerCpu } from './per-cpu';
import { StructView } from './struct-view';

/** One `struct irq_desc`. */
export interface KernelInterrupt {
  readonly number: number;
  /** Its number at its interrupt controller. */
  readonly hardware: number;
  /** `SiFive PLIC`; `undefined` if that has no name. */
  readonly chip: string | undefined;
  /** Names of those who handle it; empty for one that nobody has asked for. */
  readonly actions: readonly string[];
  /** How often each CPU has taken it, with the CPU's number. */
  readonly counts: readonly { readonly cpu: number; readonly count: number }[];
  /** How many have disabled it: 0 for one that is enabled. */
  readonly disabled: number;
}

const largestStruct = 4096;
const longestName = 64;
const mostActions = 64;

export class InterruptList {
  readonly #program: Program;
  readonly #image: KernelImage;
  readonly #perCpu: PerCpu;

  constructor(program: Program, image: KernelImage, perCpu: PerCpu) {
    this.#program = program;
    this.#image = image;
    this.#perCpu = perCpu;
  }

  /** By number; `undefined` in a kernel without interrupts as Linux has them. */
  all(memory: KernelMemory): readonly KernelInterrupt[] | undefined {
    const layout = this.#program.types.struct('irq_desc');
    const descriptors = layout && this.#descriptors(layout, memory);
    if (!descriptors) return undefined;
    const cpus = this.#perCpu.areas(memory);
    return descriptors
      .flatMap((address) => {
        const view = StructView.read(address, Math.min(layout.size, largestStruct), memory);
        return view ? [this.#interrupt(view, layout, cpus, memory)] : [];
      })
      .toSorted((a, b) => a.number - b.number);
  }

  /** In a maple tree since Linux 6.5, in a radix tree before, in an array without CONFIG_SPARSE_IRQ. */
  #descriptors(layout: StructLayout, memory: KernelMemory): readonly bigint[] | undefined {
    const { symbols, types } = this.#program;
    const member = (struct: string, name: string) => types.struct(struct)?.members.get(name)?.offset;
    const at = (name: string) => {
      const symbol = symbols.named(name)[0];
      return symbol && { address: this.#image.linkToRunning(symbol.address), size: symbol.size };
    };
    const maple = at('sparse_irqs');
    const root = maple && member('maple_tree', 'ma_root');
    if (maple && root !== undefined) {
      return maplePointers(memory.u64(maple.address + BigInt(root)) ?? 0n, memory);
    }
    const radix = at('irq_desc_tree');
    const head = radix && member('xarray', 'xa_head');
    const slots = member('xa_node', 'slots');
    if (radix && head !== undefined && slots !== undefined) {
      return radixPointers(memory.u64(radix.address + BigInt(head)) ?? 0n, slots, memory);
    }
    const array = at('irq_desc');
    if (!array || layout.size === 0) return undefined;
    const count = Math.min(Math.floor(array.size / layout.size), 4096);
    return Array.from({ length: count }, (_, n) => array.address + BigInt(n * layout.size));
  }

  #interrupt(
    view: StructView,
    { members }: StructLayout,
    cpus: readonly { readonly cpu: number; readonly offset: bigint }[],
    memory: KernelMemory,
  ): KernelInterrupt {
    const word = (name: string) => view.field(members.get(name)) ?? 0;
    const counts = view.u64(members.get('kstat_irqs')?.offset) ?? 0n;
    return {
      number: word('irq_data.irq'),
      hardware: Number(view.u64(members.get('irq_data.hwirq')?.offset) ?? 0n),
      chip: this.#chip(view.u64(members.get('irq_data.chip')?.offset) ?? 0n, memory),
      actions: this.#actions(view.u64(members.get('action')?.offset) ?? 0n, memory),
      // A per-CPU pointer is what a CPU's offset is added to (`struct irqstat` begins with the count; before 6.10 it is all).
      counts: cpus.map(({ cpu, offset }) => ({
        cpu,
        count: counts === 0n ? 0 : (memory.u32(BigInt.asUintN(64, counts + offset)) ?? 0),
      })),
      // Those of each CPU's own are enabled by CPU, and their depth means nothing.
      disabled: (view.u64(members.get('percpu_enabled')?.offset) ?? 0n) === 0n ? word('depth') : 0,
    };
  }

  #chip(address: bigint, memory: KernelMemory): string | undefined {
    const offset = this.#program.types.struct('irq_chip')?.members.get('name')?.offset;
    const name = offset === undefined || address === 0n ? undefined : memory.u64(address + BigInt(offset));
    return name === undefined ? undefined : memory.text(name, longestName);
  }

  #actions(first: bigint, memory: KernelMemory): readonly string[] {
    const layout = this.#program.types.struct('irqaction');
    const [name, next] = ['name', 'next'].map((member) => layout?.members.get(member)?.offset);
    const names: string[] = [];
    if (!layout || name === undefined || next === undefined) return names;
    for (let at = first; at !== 0n && names.length < mostActions;) {
      const action = StructView.read(at, Math.min(layout.size, largestStruct), memory);
      if (!action) break;
      const text = action.u64(name) ?? 0n;
      // `chained_action` has none: it stands for another interrupt controller.
      if (text !== 0n) names.push(memory.text(text, longestName) ?? '?');
      at = action.u64(next) ?? 0n;
    }
    return names;
  }
}
