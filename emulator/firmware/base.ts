import { exactNumber, failure, SbiError, success, type SbiExtension, type SbiFunction } from './sbi';

const BASE_ID = 0x10;

/** SBI 2.0: the major version in bits 30:24. */
const SPEC_VERSION = 2n << 24n;
/** Not one of the registered implementations: "RVUW". */
const IMPLEMENTATION_ID = 0x5256_5557n;
const IMPLEMENTATION_VERSION = 1n;

const Csr = { mvendorid: 0xf11, marchid: 0xf12, mimpid: 0xf13 } as const;

/** Base extension: what this firmware is, and what it can. `supported` tells whether it has an EID. */
export function baseExtension(supported: (id: number) => boolean): SbiExtension {
  const readCsr =
    (csr: number): SbiFunction =>
    ({ hart }) => {
      const value = hart.getCsr(csr);
      return value === undefined ? failure(SbiError.failed) : success(value);
    };
  return {
    id: BASE_ID,
    functions: [
      () => success(SPEC_VERSION),
      () => success(IMPLEMENTATION_ID),
      () => success(IMPLEMENTATION_VERSION),
      ({ args }) => {
        const id = exactNumber(args[0]!);
        return success(id !== undefined && supported(id) ? 1n : 0n);
      },
      readCsr(Csr.mvendorid),
      readCsr(Csr.marchid),
      readCsr(Csr.mimpid),
    ],
  };
}
