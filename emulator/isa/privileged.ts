import { belongingTo, define } from './instruction';

/** Privileged instructions (priv 1.13 §3.3 and §11.2), which every machine with M-mode and S-mode has. */
export const privileged = belongingTo('i', [
  define('mret', '0011000 00010 00000 000 00000 1110011', (m) => m.perform('mret'), { flow: 'trap' }),
  define('sret', '0001000 00010 00000 000 00000 1110011', (m) => m.perform('sret'), { flow: 'trap' }),
  define('wfi', '0001000 00101 00000 000 00000 1110011', (m) => m.perform('wfi')),
  define('sfence.vma rs1,rs2', '0001001 rs2 rs1 000 00000 1110011', (m) => m.perform('sfence.vma'), {
    aliases: { 'sfence.vma ': { rs1: 0, rs2: 0 }, 'sfence.vma rs1': { rs2: 0 } },
  }),
]);
