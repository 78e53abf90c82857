import type { HartControl } from '../core/api';
import { failure, hartList, SbiError, success, type FirmwareHost, type SbiExtension } from './sbi';

const TIME_ID = 0x5449_4d45;
const IPI_ID = 0x0073_5049;

const Csr = { sip: 0x144, stimecmp: 0x14d } as const;
const SSIP = 1n << 1n;
const NEVER = (1n << 64n) - 1n;

/** Timer extension: an absolute deadline for the calling hart. */
export function timeExtension(host: FirmwareHost): SbiExtension {
  return {
    id: TIME_ID,
    functions: [
      ({ hart, args }) => {
        setTimer(host, hart, args[0]!);
        return success();
      },
    ],
  };
}

/**
 * Past deadlines pend at once; a later one takes back an interrupt that is pending. With Sstc it is the hart's own `stimecmp`; without,
 * the board's timer does what firmware would do with `mtimecmp` and `mip.STIP`.
 */
export function setTimer(host: FirmwareHost, hart: HartControl, deadline: bigint): void {
  if (!hart.setCsr(Csr.stimecmp, deadline)) host.setTimer(hart, deadline);
}

/** No timer interrupt pends, nor ever will. */
export function clearTimer(host: FirmwareHost, hart: HartControl): void {
  setTimer(host, hart, NEVER);
}

/** IPI extension: supervisor software interrupts. Harts that are stopped do not get them. */
export function ipiExtension(host: FirmwareHost): SbiExtension {
  return {
    id: IPI_ID,
    functions: [
      ({ args }) => {
        const targets = hartList(host.harts, args[0]!, args[1]!);
        if (targets === undefined) return failure(SbiError.invalidParam);
        for (const hart of targets) {
          if (hart.state !== 'stopped') setSoftwareInterrupt(hart, true);
        }
        return success();
      },
    ],
  };
}

/**
 * Starts a hart afresh as `start` does it, but with what pends and its timer as they are: the interrupt that ended a suspend must reach
 * the code that goes on. Lines and the board's timer hold by themselves.
 */
export function keepInterrupts(hart: HartControl, start: () => void): void {
  const software = ((hart.getCsr(Csr.sip) ?? 0n) & SSIP) !== 0n;
  const { stimecmp } = hart;
  start();
  if (software) setSoftwareInterrupt(hart, true);
  if (stimecmp !== undefined) hart.setCsr(Csr.stimecmp, stimecmp);
}

/** Through sip, where SSIP is the only bit that can be written: in mip, lines that are high would be latched with it. */
export function setSoftwareInterrupt(hart: HartControl, level: boolean): void {
  hart.setCsr(Csr.sip, level ? SSIP : 0n);
}
