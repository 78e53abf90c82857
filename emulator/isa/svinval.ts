import { belongingTo, define } from './instruction';

/**
 * Fine-grained invalidation of address translations (priv 1.13 §11.4, Svinval): `sfence.vma` in three parts. The middle one does it all
 * here, since nothing is out of order.
 */
export const svinval = belongingTo('svinval', [
  define('sinval.vma rs1,rs2', '0001011 rs2 rs1 000 00000 1110011', (m) => m.perform('sfence.vma')),
  define('sfence.w.inval', '0001100 00000 00000 000 00000 1110011', (m) => m.perform('sfence.inval')),
  define('sfence.inval.ir', '0001100 00001 00000 000 00000 1110011', (m) => m.perform('sfence.inval')),
]);
