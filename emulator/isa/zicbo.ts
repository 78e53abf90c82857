import { belongingTo, define } from './instruction';

/**
 * Cache-block operations (unpriv §19): on the block of `CACHE_BLOCK` bytes that holds the address in rs1. There are no caches, so those
 * that manage them check rights and do no more.
 */

const encoding = (number: string) => `${number} rs1 010 00000 0001111`;

const manage = (name: 'cbo.inval' | 'cbo.clean' | 'cbo.flush', number: string) =>
  define(`${name} (rs1)`, encoding(number), (m) => m.perform(name));

export const zicbom = belongingTo('zicbom', [
  manage('cbo.inval', '000000000000'),
  manage('cbo.clean', '000000000001'),
  manage('cbo.flush', '000000000010'),
]);

export const zicboz = belongingTo('zicboz', [
  define('cbo.zero (rs1)', encoding('000000000100'), (m) => m.zeroBlock(m.rs1)),
]);
