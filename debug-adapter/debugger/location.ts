/** `symbol+0xoff/0xsize` and the source line of a pc. */
import { hex } from '../unwind/hex';
import type { Debuggee, Location } from './api';

/**
 * Where a pc is. `bare`: the hart's addresses are physical now, so that a pc may be one. A return address has its line
 * looked up one byte before (R17); symbol and offset are always those of pc itself, as in the kernel's own traces.
 */
export function locate(
  debuggee: Pick<Debuggee, 'program' | 'kernel'>,
  pc: bigint,
  options: { readonly bare: boolean; readonly isReturnAddress?: boolean },
): Location {
  const { address, physical } = debuggee.kernel.linkAddress(pc, options.bare);
  const symbol = debuggee.program.symbols.at(address);
  const lineAddress = options.isReturnAddress === true ? address - 1n : address;
  return {
    pc,
    physical,
    symbol: symbol?.name,
    offset: symbol ? Number(address - symbol.address) : 0,
    size: symbol?.size ?? 0,
    source: debuggee.program.lines?.at(lineAddress),
  };
}

/** `handle_exception+0x5e/0x13c`, `… [physical 0x80201000]` before the MMU is on, or the bare address. */
export function formatLocation(location: Location): string {
  const address = hex(location.pc);
  if (location.symbol === undefined) return address;
  const text = `${location.symbol}+0x${location.offset.toString(16)}/0x${location.size.toString(16)}`;
  return location.physical ? `${text} [physical ${address}]` : text;
}
