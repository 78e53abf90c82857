import type { CsrDefinition } from '../../api';
import type { ExtensionSet } from '../../isa/extensions';
import { counterCsrs } from './counters';
import type { Csr } from './definition';
import { floatCsrs } from './float';
import { machineCsrs } from './machine';
import { protectionCsrs } from './protection';
import { supervisorCsrs } from './supervisor';

/** All CSRs of the machine, those of S-mode first. */
const csrs: readonly Csr[] = [
  ...supervisorCsrs,
  ...machineCsrs,
  ...counterCsrs,
  ...protectionCsrs,
  ...floatCsrs,
];

/** The same for register views: names, descriptions, fields. */
export const csrDefinitions: readonly CsrDefinition[] = csrs;

const tables = new WeakMap<ExtensionSet, readonly (Csr | undefined)[]>();

/** The CSRs of a machine with these extensions, by address. */
function csrTable(extensions: ExtensionSet): readonly (Csr | undefined)[] {
  let table = tables.get(extensions);
  if (!table) {
    const entries = new Array<Csr | undefined>(4096).fill(undefined);
    for (const csr of csrs) {
      if (csr.extension === undefined || extensions.has(csr.extension)) entries[csr.address] = csr;
    }
    table = entries;
    tables.set(extensions, table);
  }
  return table;
}

/** The CSR of that address in a machine with these extensions. */
export function findCsr(address: number, extensions: ExtensionSet): Csr | undefined {
  return csrTable(extensions)[address];
}
