import type { CsrField } from '../../api';
import { PMP_ENTRIES } from '../pmp';
import type { Csr } from './definition';
import { bit, defineCsr, field } from './definition';

/** Physical memory protection (priv 1.13 §3.7): 16 entries. The registers of the other 48 do not exist, as on QEMU. */

const configFields = (first: number): readonly CsrField[] =>
  Array.from({ length: 8 }, (_, index) => first + index).flatMap((entry) => {
    const low = (entry - first) * 8;
    return [
      bit(`R${entry}`, low, 'May be read'),
      bit(`W${entry}`, low + 1, 'May be written'),
      bit(`X${entry}`, low + 2, 'May be executed'),
      field(`A${entry}`, low + 4, low + 3, 'How the region is given', {
        0: 'off',
        1: 'top of range',
        2: '4 bytes',
        3: 'naturally aligned power of two',
      }),
      bit(`L${entry}`, low + 7, 'Locked, and binding for M-mode too'),
    ];
  });

/** On RV64 only the even-numbered configuration registers exist, each for eight entries. */
const configs = Array.from({ length: PMP_ENTRIES / 8 }, (_, index) => index * 2).map((number) => {
  const first = number * 4;
  return defineCsr(`pmpcfg${number}`, 'Protection of eight regions', configFields(first), {
    read: (state) => state.pmp.readConfig(first),
    write: (state, value) => state.pmp.writeConfig(first, value),
    effect: 'protection',
  });
});

const addresses = Array.from({ length: PMP_ENTRIES }, (_, entry) =>
  defineCsr(`pmpaddr${entry}`, 'Bits 55:2 of the end of a region', [], {
    read: (state) => state.pmp.readAddress(entry),
    write: (state, value) => state.pmp.writeAddress(entry, value),
    effect: 'protection',
  }),
);

export const protectionCsrs: readonly Csr[] = [...configs, ...addresses];
