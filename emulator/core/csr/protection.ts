import type { CsrField } from '../../api';
import { PMP_ENTRIES } from '../pmp';
import type { Csr } from './definition';
import { bit, defineCsr, field } from './definition';

/** Physical memory protection (priv 1.13 §3.7): 16 entries; the other 48 read as zero and cannot be set. */

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
const configs = Array.from({ length: 8 }, (_, index) => index * 2).map((number) => {
  const first = number * 4;
  const exists = first < PMP_ENTRIES;
  return defineCsr(`pmpcfg${number}`, 'Protection of eight regions', exists ? configFields(first) : [], {
    read: (state) => (exists ? state.pmp.readConfig(first) : 0n),
    write: (state, value) => {
      if (exists) state.pmp.writeConfig(first, value);
    },
    effect: 'protection',
  });
});

const addresses = Array.from({ length: 64 }, (_, entry) =>
  defineCsr(`pmpaddr${entry}`, 'Bits 55:2 of the end of a region', [], {
    read: (state) => (entry < PMP_ENTRIES ? state.pmp.readAddress(entry) : 0n),
    write: (state, value) => {
      if (entry < PMP_ENTRIES) state.pmp.writeAddress(entry, value);
    },
    effect: 'protection',
  }),
);

export const protectionCsrs: readonly Csr[] = [...configs, ...addresses];
