/** The kernel's modules as text. */
import type { KernelModule } from '../kernel/module-list';
import { hex } from '../unwind/hex';
import type { Debuggee } from './api';

const states = { live: 'Live', coming: 'Loading', going: 'Unloading' } as const;

/** As a line of /proc/modules: `crc7 12288 1 user, Live 0xffffffff003b9000 (O)` (Linux 6.12 kernel/module/procfs.c). */
export function describeModule(module: KernelModule): string {
  return moduleColumns(module)
    .filter((column) => column !== '')
    .join(' ');
}

/** Name, size, number of users, their names, state, address of its text, taints. */
function moduleColumns(module: KernelModule): readonly string[] {
  const { name, size, references, users, state, taints } = module;
  return [
    name,
    size.toString(),
    references?.toString() ?? '-',
    users.length === 0 ? '-' : users.map((user) => `${user},`).join(''),
    states[state],
    hex(moduleBase(module) ?? 0n),
    taints === '' ? '' : `(${taints})`,
  ];
}

/** What is known of modules that have no debug information, a line each. */
export function missingFiles(
  modules: readonly KernelModule[],
  { modules: programs }: Pick<Debuggee, 'modules'>,
): readonly string[] {
  return modules.flatMap((module) => {
    const known = programs.of(module);
    return known === undefined || known.isComplete ? [] : [`${module.name}: ${known.status}`];
  });
}

/** Where its text is. */
export function moduleBase({ regions }: KernelModule): bigint | undefined {
  return regions.find(({ name }) => name === 'text')?.start;
}

/** In columns, with a headline. */
export function moduleTable(modules: readonly KernelModule[]): string {
  const rows = [
    ['Module', 'Size', 'Used', 'By', 'State', 'Address', 'Taints'],
    ...modules.map(moduleColumns),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
