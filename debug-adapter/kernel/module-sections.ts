/**
 * Where the sections of a module's file are, as the kernel shows it in /sys/module/NAME/sections (CONFIG_SYSFS and CONFIG_KALLSYMS,
 * Linux kernel/module/sysfs.c), and its per-CPU section, which the kernel shows nowhere.
 */
import type { StructLayout, TypeReader } from '../symbols/api';
import type { KernelMemory } from './kernel-memory';
import { StructView } from './struct-view';

/** A file built with a section for each function has some thousands. */
const mostSections = 8192;
const longestName = 256;
/** A pointer each; no structure here is nearly so large. */
const largestStruct = 4096;

/** Where the kernel puts what a module has for each CPU (include/linux/percpu-defs.h). */
const perCpuSection = '.data..percpu';

export interface SectionLayout {
  readonly attributes: StructLayout;
  /** Where in `struct module_sect_attrs` is the array of pointers to attributes, which ends with NULL. Until Linux 5.7 there is none. */
  readonly pointers: number | undefined;
  /** Of one attribute: where the pointer to its name is, and its address. Offsets from what `pointers` has, or from the element. */
  readonly name: number;
  readonly address: number;
  /** Until Linux 5.7: an array of so large elements instead, with their number. */
  readonly array: { readonly first: number; readonly size: number; readonly count: number } | undefined;
}

/** What is looked up for it. */
export const sectionTypes: readonly string[] = ['module_sect_attrs', 'bin_attribute'];

/** `undefined` if the program does not describe it. */
export function sectionLayout(types: TypeReader): SectionLayout | undefined {
  const attributes = types.struct('module_sect_attrs');
  if (!attributes || attributes.size > largestStruct) return undefined;
  const pointers = attributes.members.get('grp.bin_attrs')?.offset;
  // Since Linux 6.14 there is no such structure, and looking for it would read all there is.
  const isCounted = attributes.members.has('nsections');
  const element = isCounted ? types.struct('module_sect_attr') : undefined;
  const member = (struct: StructLayout | undefined, name: string) => struct?.members.get(name)?.offset;
  // Since Linux 5.8 its first member is a struct bin_attribute, to which grp.bin_attrs points.
  const binary = member(element, 'battr.attr.name');
  const own = member(element, 'address');
  if (binary !== undefined && own !== undefined && pointers !== undefined) {
    return { attributes, pointers, name: binary, address: own, array: undefined };
  }
  const [first, count] = [member(attributes, 'attrs'), member(attributes, 'nsections')];
  const plain = member(element, 'name');
  if (element && own !== undefined && plain !== undefined && first !== undefined && count !== undefined) {
    const array = { first, size: element.size, count };
    return { attributes, pointers: undefined, name: plain, address: own, array };
  }
  // Since Linux 6.14 there is nothing but a struct bin_attribute.
  const attribute = types.struct('bin_attribute');
  const [name, address] = [member(attribute, 'attr.name'), member(attribute, 'private')];
  if (element || pointers === undefined || name === undefined || address === undefined) return undefined;
  return { attributes, pointers, name, address, array: undefined };
}

/** Addresses by the names of sections: of the first of a name, as debuggers are told it. Empty for a module that has none shown. */
export function readModuleSections(
  module: StructView,
  struct: StructLayout,
  layout: SectionLayout | undefined,
  memory: KernelMemory,
): ReadonlyMap<string, bigint> {
  const sections = new Map<string, bigint>();
  const attributes = module.u64(struct.members.get('sect_attrs')?.offset);
  if (layout && attributes !== undefined && attributes !== 0n) {
    for (const at of attributeAddresses(attributes, layout, memory)) {
      const view = StructView.read(at, Math.max(layout.name, layout.address) + 8, memory);
      const [name, address] = [view?.u64(layout.name), view?.u64(layout.address)];
      const text = name === undefined ? undefined : memory.text(name, longestName);
      if (text === undefined || address === undefined) break;
      if (text !== '' && !sections.has(text)) sections.set(text, address);
    }
  }
  const perCpu = module.u64(struct.members.get('percpu')?.offset) ?? 0n;
  if (perCpu !== 0n) sections.set(perCpuSection, perCpu);
  return sections;
}

function* attributeAddresses(
  attributes: bigint,
  { pointers, array, attributes: { size } }: SectionLayout,
  memory: KernelMemory,
): Iterable<bigint> {
  const view = StructView.read(attributes, size, memory);
  if (array) {
    const count = Math.min(view?.u32(array.count) ?? 0, mostSections);
    for (let n = 0; n < count; n++) yield attributes + BigInt(array.first + n * array.size);
    return;
  }
  const list = view?.u64(pointers);
  if (list === undefined || list === 0n) return;
  for (let n = 0; n < mostSections; n++) {
    const at = memory.u64(list + BigInt(8 * n));
    if (at === undefined || at === 0n) return;
    yield at;
  }
}
