/** `struct module` of Linux 5.4 to 7.3, from debug information (include/linux/module.h). */
import type { Program, StructLayout, TypeReader } from '../symbols/api';

/** Where a `struct module` says that a piece of the module's memory is. Offsets in bytes. */
export interface RegionLayout {
  readonly name: 'text' | 'data' | 'rodata' | 'ro_after_init' | 'init text' | 'init data' | 'init rodata';
  readonly base: number;
  /** A `u32`: how much of it is text in a piece of text, all of it in others. */
  readonly size: number;
}

export interface ModuleLayout {
  readonly struct: StructLayout;
  readonly list: number;
  readonly regions: readonly RegionLayout[];
  /** The `u32`s whose sum is the size that /proc/modules shows. */
  readonly sizes: readonly number[];
  readonly symbols: StructLayout | undefined;
  /** Values of `enum module_state` that are not `MODULE_STATE_LIVE`. */
  readonly states: { readonly coming: number; readonly going: number; readonly unformed: number };
}

/** No `struct module` is so large. */
const largestStruct = 65536;

const memoryTypes: readonly (readonly [string, RegionLayout['name']])[] = [
  ['MOD_TEXT', 'text'],
  ['MOD_DATA', 'data'],
  ['MOD_RODATA', 'rodata'],
  ['MOD_RO_AFTER_INIT', 'ro_after_init'],
  ['MOD_INIT_TEXT', 'init text'],
  ['MOD_INIT_DATA', 'init data'],
  ['MOD_INIT_RODATA', 'init rodata'],
];

/** `undefined` if the program does not describe modules. */
export function moduleLayout({ types }: Program): ModuleLayout | undefined {
  const struct = types.struct('module');
  const list = struct?.members.get('list')?.offset;
  if (!struct || list === undefined || struct.size > largestStruct) return undefined;
  const since64 = memoryByType(types, struct);
  const regions = since64.length > 0 ? since64 : regionsUntil63(struct);
  const until63 = ['core_layout.size', 'init_layout.size'].flatMap(
    (name) => struct.members.get(name)?.offset ?? [],
  );
  if (regions.length === 0) return undefined;
  const state = (name: string, value: bigint) => Number(types.enumerator(name) ?? value);
  return {
    struct,
    list,
    regions,
    sizes: since64.length > 0 ? since64.map(({ size }) => size) : until63,
    symbols: types.struct('mod_kallsyms'),
    states: {
      coming: state('MODULE_STATE_COMING', 1n),
      going: state('MODULE_STATE_GOING', 2n),
      unformed: state('MODULE_STATE_UNFORMED', 3n),
    },
  };
}

/** `mem[]`, indexed by `enum mod_mem_type`, since Linux 6.4. */
function memoryByType(types: TypeReader, struct: StructLayout): readonly RegionLayout[] {
  const mem = struct.members.get('mem')?.offset;
  const element = mem === undefined ? undefined : types.struct('module_memory');
  const [base, size] = ['base', 'size'].map((name) => element?.members.get(name)?.offset);
  if (mem === undefined || !element || base === undefined || size === undefined) return [];
  return memoryTypes.flatMap(([enumerator, name]) => {
    const index = types.enumerator(enumerator);
    if (index === undefined) return [];
    const start = mem + Number(index) * element.size;
    return [{ name, base: start + base, size: start + size }];
  });
}

/** Until Linux 6.3 there were two, with text at the start of each. */
function regionsUntil63({ members }: StructLayout): readonly RegionLayout[] {
  return (['core_layout', 'init_layout'] as const).flatMap((layout) => {
    const [base, size] = [members.get(`${layout}.base`)?.offset, members.get(`${layout}.text_size`)?.offset];
    const name = layout === 'core_layout' ? 'text' : 'init text';
    return base === undefined || size === undefined ? [] : [{ name, base, size }];
  });
}
