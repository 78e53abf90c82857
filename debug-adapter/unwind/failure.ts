import type { WalkEnd } from './types';

/** The end of a walk that broke a rule, at an address modulo 2^64 (R12, R19). */
export function failure(rule: string, address: bigint, reason: string): WalkEnd {
  return { kind: 'error', rule, reason, address: BigInt.asUintN(64, address) };
}
