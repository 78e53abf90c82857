/** Names for what a trap has brought, the same whichever privilege has taken it. */
import type { TargetHart } from '../target/target';

/** Of a hart's last trap; `cause` has bit 63 set for interrupts. `undefined` for other names, and before the first trap. */
export function valueOfTrap(name: string, { lastTrap }: TargetHart): bigint | undefined {
  switch (name) {
    case 'cause':
      return lastTrap?.cause;
    case 'epc':
      return lastTrap?.epc;
    case 'tval':
      return lastTrap?.tval;
    default:
      return undefined;
  }
}
