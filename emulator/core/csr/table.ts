import type { CsrDefinition } from '../../api';
import { counterCsrs } from './counters';
import type { Csr } from './definition';
import { machineCsrs } from './machine';
import { protectionCsrs } from './protection';
import { supervisorCsrs } from './supervisor';

/** All CSRs of the machine, those of S-mode first. */
const csrs: readonly Csr[] = [...supervisorCsrs, ...machineCsrs, ...counterCsrs, ...protectionCsrs];

/** The same for register views: names, descriptions, fields. */
export const csrDefinitions: readonly CsrDefinition[] = csrs;

const byAddress = new Map(csrs.map((csr) => [csr.address, csr]));

export function findCsr(address: number): Csr | undefined {
  return byAddress.get(address);
}
