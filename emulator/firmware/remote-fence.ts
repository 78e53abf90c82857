import type { HartControl } from '../core/api';
import {
  failure,
  hartList,
  SbiError,
  success,
  type FirmwareHost,
  type SbiCall,
  type SbiExtension,
  type SbiResult,
} from './sbi';

const RFENCE_ID = 0x5246_4e43;
const ADDRESSES = 1n << 64n;
/** satp holds a 16-bit ASID in RV64 (priv 1.13 §4.1.11). */
const ASID_BITS = 16;

/**
 * Remote fences. They take effect at once: no other hart is in the middle of an instruction. Functions 3 to 6 are for the
 * hypervisor extension, which the harts do not have.
 */
export function remoteFenceExtension(host: FirmwareHost): SbiExtension {
  const onEach = (call: SbiCall, fence: (hart: HartControl) => void): SbiResult => {
    const targets = hartList(host.harts, call.args[0]!, call.args[1]!);
    if (targets === undefined) return failure(SbiError.invalidParam);
    for (const hart of targets) fence(hart);
    return success();
  };
  const fenceAddresses = (call: SbiCall, asid: number | undefined): SbiResult => {
    const { address, size } = fenceRange(call.args[2]!, call.args[3]!);
    if (address !== undefined && address + size > ADDRESSES) return failure(SbiError.invalidAddress);
    return onEach(call, (hart) => hart.fenceVma(address, size, asid));
  };
  const notSupported = () => failure(SbiError.notSupported);
  return {
    id: RFENCE_ID,
    functions: [
      (call) => onEach(call, (hart) => hart.fenceI()),
      (call) => fenceAddresses(call, undefined),
      (call) => fenceAddresses(call, addressSpace(call.args[4]!)),
      notSupported,
      notSupported,
      notSupported,
      notSupported,
    ],
  };
}

/** The range that a fence names: 0 and 0, or a size of all ones, is the whole address space (SBI 2.0, "RFENCE Extension"). */
export function fenceRange(
  start: bigint,
  size: bigint,
):
  | { readonly address: bigint; readonly size: bigint }
  | { readonly address: undefined; readonly size: undefined } {
  const all = size === ADDRESSES - 1n || (start === 0n && size === 0n);
  return all ? { address: undefined, size: undefined } : { address: start, size };
}

export function addressSpace(asid: bigint): number {
  return Number(BigInt.asUintN(ASID_BITS, asid));
}
