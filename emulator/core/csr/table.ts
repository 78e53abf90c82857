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

const byAddress = new Map(csrs.map((csr) => [csr.address, csr]));

/** The CSR of that address in a machine with these extensions. */
export function findCsr(address: number, extensions: ExtensionSet): Csr | undefined {
  const csr = byAddress.get(address);
  return csr?.extension === undefined || extensions.has(csr.extension) ? csr : undefined;
}
