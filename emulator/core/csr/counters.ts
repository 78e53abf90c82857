import { Privilege } from '../../api';
import type { HartState } from '../hart-state';
import type { Csr } from './definition';
import { bit, defineCsr, field } from './definition';

/** Counters and what guards them (priv 1.13 §3.1.10–§3.1.12, §11.1.5). The 29 programmable counters count nothing. */

const CYCLE = 1;
const TIME = 2;
const INSTRET = 4;

/** Below M-mode a counter needs its bit in mcounteren, and in U-mode also in scounteren. */
const enabled =
  (counter: number) =>
  ({ privilege, mcounteren, scounteren }: HartState): boolean =>
    privilege === Privilege.machine ||
    ((mcounteren & counter) !== 0 && (privilege === Privilege.supervisor || (scounteren & counter) !== 0));

/** True if the hart may read `time`. */
export const mayReadTime = enabled(TIME);

const numbers = Array.from({ length: 29 }, (_, index) => index + 3);

const programmable: readonly Csr[] = numbers.flatMap((number) => [
  defineCsr(`mhpmcounter${number}`, 'Programmable counter: counts nothing', [], {
    read: () => 0n,
    write: () => undefined,
  }),
  defineCsr(`mhpmevent${number}`, 'What the programmable counter counts: nothing', [], {
    read: () => 0n,
    write: () => undefined,
  }),
  defineCsr(`hpmcounter${number}`, 'Programmable counter: counts nothing', [], {
    read: () => 0n,
    extension: 'zihpm',
    accessible: enabled(2 ** number),
  }),
]);

/** Which counters a register is about: those that count, and the programmable ones. */
export const counterFields = [
  bit('CY', 0, 'cycle'),
  bit('TM', 1, 'time'),
  bit('IR', 2, 'instret'),
  field('HPM', 31, 3, 'hpmcounter3 to hpmcounter31'),
];
export const allCounters = (value: bigint): number => Number(value & 0xffff_ffffn);

export const counterCsrs: readonly Csr[] = [
  defineCsr('cycle', 'Cycles: instructions retired and traps taken', [], {
    read: (state) => state.mcycle.value,
    extension: 'zicntr',
    accessible: enabled(CYCLE),
  }),
  defineCsr('time', 'Ticks of the 10 MHz timebase', [], {
    read: (state) => state.clock.time,
    extension: 'zicntr',
    accessible: mayReadTime,
  }),
  defineCsr('instret', 'Instructions retired', [], {
    read: (state) => state.minstret.value,
    extension: 'zicntr',
    accessible: enabled(INSTRET),
  }),
  defineCsr('mcycle', 'Cycles: instructions retired and traps taken', [], {
    read: (state) => state.mcycle.value,
    write: (state, value) => (state.mcycle.value = value),
  }),
  defineCsr('minstret', 'Instructions retired', [], {
    read: (state) => state.minstret.value,
    write: (state, value) => (state.minstret.value = value),
  }),
  defineCsr('mcounteren', 'Counters that S-mode may read', counterFields, {
    read: (state) => BigInt(state.mcounteren),
    write: (state, value) => (state.mcounteren = allCounters(value)),
    effect: 'counters',
  }),
  defineCsr(
    'mcountinhibit',
    'Counters that stand still',
    counterFields.filter(({ name }) => name !== 'TM'),
    {
      read: ({ mcycle, minstret, programmableInhibited }) =>
        BigInt((mcycle.inhibited ? CYCLE : 0) + (minstret.inhibited ? INSTRET : 0) + programmableInhibited),
      write: (state, value) => {
        state.mcycle.inhibited = (value & BigInt(CYCLE)) !== 0n;
        state.minstret.inhibited = (value & BigInt(INSTRET)) !== 0n;
        state.programmableInhibited = allCounters(value & ~7n);
      },
    },
  ),
  ...programmable,
];
