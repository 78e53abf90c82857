/** What a kernel saved of the state that a trap interrupted, as far as a walk does not tell it already. */
import type { TargetHart } from '../target/target';
import type { PtRegsLayout, ReadMemory } from '../unwind/types';

const stvec = 0x105;

/** Fields of a `struct pt_regs`. */
export interface TrapEntry {
  readonly epc: bigint;
  readonly cause: bigint;
  readonly badaddr: bigint;
  readonly status: bigint;
}

export function readTrapEntry(
  address: bigint,
  layout: PtRegsLayout,
  memory: ReadMemory,
): TrapEntry | undefined {
  const bytes = memory(address, layout.size);
  if (!bytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (offset: number): bigint => view.getBigUint64(offset, true);
  return {
    epc: at(layout.epc),
    cause: at(layout.cause),
    badaddr: at(layout.badaddr),
    status: at(layout.status),
  };
}

/** The previous privilege of a saved status: SPP, or MPP in a kernel that runs in M-mode (priv 1.13 §3.1.6.1). */
export function isFromUser(status: bigint, hart: TargetHart): boolean {
  const supervisorKernel = (hart.getCsr(stvec) ?? 0n) !== 0n;
  return ((supervisorKernel ? status >> 8n : status >> 11n) & (supervisorKernel ? 1n : 3n)) === 0n;
}
