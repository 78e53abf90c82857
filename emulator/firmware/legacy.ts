import { setSoftwareInterrupt, setTimer } from './interrupts';
import type { FirmwareHost, SbiCall } from './sbi';

/** A legacy call returns one value in a0 and leaves a1 alone; `undefined` does not return. */
export type LegacyCall = (call: SbiCall) => bigint | undefined;

/**
 * The legacy extensions that early consoles and small kernels still use, by EID. Those that take a pointer to a hart mask
 * (4 to 7) are left out: IPI and RFENCE replace them, and no kernel that finds SBI 0.2 or later calls them.
 */
export function legacyCalls(host: FirmwareHost): ReadonlyMap<number, LegacyCall> {
  return new Map<number, LegacyCall>([
    [
      0,
      ({ hart, args }) => {
        setTimer(hart, args[0]!);
        return 0n;
      },
    ],
    [
      1,
      ({ args }) => {
        host.writeConsole(Uint8Array.of(Number(args[0]! & 0xffn)));
        return 0n;
      },
    ],
    [2, () => BigInt(host.readConsole() ?? -1)],
    [
      3,
      ({ hart }) => {
        setSoftwareInterrupt(hart, false);
        return 0n;
      },
    ],
    [
      8,
      () => {
        host.end({ kind: 'power-off', code: 0 });
        return undefined;
      },
    ],
  ]);
}
