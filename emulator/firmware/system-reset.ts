import { exactNumber, failure, SbiError, success, type FirmwareHost, type SbiExtension } from './sbi';

const SRST_ID = 0x5352_5354;

const Type = { shutdown: 0, coldReboot: 1, warmReboot: 2 } as const;
const Reason = { none: 0, systemFailure: 1 } as const;

/** System reset. A shutdown because of a system failure ends with code 1, so that scripts see it. */
export function systemResetExtension(host: FirmwareHost): SbiExtension {
  return {
    id: SRST_ID,
    functions: [
      ({ args }) => {
        const [type, reason] = [exactNumber(args[0]!), exactNumber(args[1]!)];
        if (type === undefined || type > Type.warmReboot) return failure(SbiError.invalidParam);
        if (reason === undefined || reason > Reason.systemFailure) return failure(SbiError.invalidParam);
        const code = reason === Reason.none ? 0 : 1;
        host.end({ kind: type === Type.shutdown ? 'power-off' : 'reset', code });
        return success();
      },
    ],
  };
}
