import { belongingTo, define } from './instruction';

/**
 * Reading `time` (unpriv §7.1), which loops that wait do all the time. The manual has it as a form of `csrrs`; the other counters are
 * read by that.
 */
export const zicntr = belongingTo('zicntr', [
  define('rdtime rd', '110000000001 00000 010 rd 1110011', (m) => m.writeRd(m.time)),
]);
