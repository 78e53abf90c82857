import type { HartControl } from '../core/api';
import type { Fault } from '../core/mmu';
import { setSoftwareInterrupt, setTimer } from './interrupts';
import { addressSpace, fenceRange } from './remote-fence';
import type { FirmwareHost, SbiCall } from './sbi';

/** A legacy call returns one value in a0 and leaves a1 alone; `undefined` does not return. A fault is the caller's to take. */
export type LegacyCall = (call: SbiCall) => bigint | Fault | undefined;

/**
 * The legacy extensions by EID (SBI 2.0, "Legacy Extensions"): Linux before 5.7 and small kernels know no others, and early consoles
 * still use them.
 */
export function legacyCalls(host: FirmwareHost): ReadonlyMap<number, LegacyCall> {
  const calls: readonly LegacyCall[] = [
    function setTimerCall({ hart, args }) {
      setTimer(host, hart, args[0]!);
      return 0n;
    },
    function consolePutchar({ args }) {
      host.writeConsole(Uint8Array.of(Number(args[0]! & 0xffn)));
      return 0n;
    },
    function consoleGetchar() {
      return BigInt(host.readConsole() ?? -1);
    },
    function clearIpi({ hart }) {
      setSoftwareInterrupt(hart, false);
      return 0n;
    },
    function sendIpi(call) {
      return onEach(host, call, (hart) => setSoftwareInterrupt(hart, true));
    },
    function remoteFenceI(call) {
      return onEach(host, call, (hart) => hart.fenceI());
    },
    function remoteSfenceVma(call) {
      const { address, size } = fenceRange(call.args[1]!, call.args[2]!);
      return onEach(host, call, (hart) => hart.fenceVma(address, size, undefined));
    },
    function remoteSfenceVmaAsid(call) {
      const { address, size } = fenceRange(call.args[1]!, call.args[2]!);
      const asid = addressSpace(call.args[3]!);
      return onEach(host, call, (hart) => hart.fenceVma(address, size, asid));
    },
    function shutdown() {
      host.end({ kind: 'power-off', code: 0 });
      return undefined;
    },
  ];
  return new Map(calls.entries());
}

/**
 * Does something to the harts of the mask that a0 points to, in the caller's address space; a null pointer means all, as in
 * OpenSBI. Harts that do not exist or are stopped are left out.
 */
function onEach(
  { harts }: FirmwareHost,
  { hart: caller, args }: SbiCall,
  action: (hart: HartControl) => void,
): bigint | Fault {
  const pointer = args[0]!;
  const mask = pointer === 0n ? -1n : caller.load(pointer);
  if (typeof mask === 'object') return mask;
  for (const hart of harts) {
    if ((mask >> BigInt(hart.id)) & 1n && hart.state !== 'stopped') action(hart);
  }
  return 0n;
}
