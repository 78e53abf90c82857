import {
  failure,
  exactNumber,
  SbiError,
  success,
  type FirmwareHost,
  type SbiExtension,
  type SbiFunction,
} from './sbi';

const DBCN_ID = 0x4442_434e;

/** Bytes moved by one call at most; the caller asks again for the rest, as the specification has it. */
const MOST_BYTES = 1 << 16;

/** Debug console. The two halves of the address are `unsigned long`s: the upper one is zero on RV64. */
export function debugConsoleExtension(host: FirmwareHost): SbiExtension {
  const range = (args: readonly bigint[]): { address: number; length: number } | undefined => {
    const [size, low, high] = [args[0]!, args[1]!, args[2]!];
    const address = exactNumber(low);
    const length = exactNumber(size);
    if (high !== 0n || address === undefined || length === undefined) return undefined;
    if (!host.memory.contains(address, length)) return undefined;
    return { address, length: Math.min(length, MOST_BYTES) };
  };
  const write: SbiFunction = ({ args }) => {
    const from = range(args);
    const bytes = from && host.memory.read(from.address, from.length);
    if (bytes === undefined) return failure(SbiError.invalidParam);
    host.writeConsole(bytes);
    return success(BigInt(bytes.length));
  };
  const read: SbiFunction = ({ args }) => {
    const to = range(args);
    if (to === undefined) return failure(SbiError.invalidParam);
    const bytes: number[] = [];
    while (bytes.length < to.length) {
      const byte = host.readConsole();
      if (byte === undefined) break;
      bytes.push(byte);
    }
    host.memory.write(to.address, Uint8Array.from(bytes), 'firmware');
    return success(BigInt(bytes.length));
  };
  const writeByte: SbiFunction = ({ args }) => {
    host.writeConsole(Uint8Array.of(Number(args[0]! & 0xffn)));
    return success();
  };
  return { id: DBCN_ID, functions: [write, read, writeByte] };
}
