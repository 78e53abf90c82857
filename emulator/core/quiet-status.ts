import { Privilege } from '../api';
import { Status } from '../isa/status';
import { ACCESSIBLE } from '../wasm/status';
import type { HartState } from './hart-state';

/**
 * The bits of sstatus that the hart may change with nothing else to do (`State.quietStatus`). Interrupts can be switched on so if none is
 * waiting for that, and SUM if the slots for both of its values are known.
 */
export function quietStatus(state: HartState, knowsSlots: boolean): number {
  if (state.privilege === Privilege.user) return 0;
  const waiting = state.pendingInterrupts & state.mie & state.mideleg;
  return (
    ACCESSIBLE | Status.SPIE | Status.SPP | (waiting === 0 ? Status.SIE : 0) | (knowsSlots ? Status.SUM : 0)
  );
}
