/** `symbol+0xoff/0xsize` and the source line of a pc. */
import { hex } from '../unwind/hex';
import type { Program, ProgramSymbol, SourceLine } from '../symbols/api';
import type { Debuggee, Location } from './api';
import { moduleAt, moduleSymbolAt } from './modules';

/**
 * Where a pc is. `bare`: the hart's addresses are physical now, so that a pc may be one. A return address is looked up one byte
 * before, in the call (R17): a call that never returns may be the last instruction of its function. The offset is that of
 * pc itself, as in the kernel's own traces (Linux 7.3 kernel/kallsyms.c, sprint_backtrace).
 */
export function locate(
  debuggee: Pick<Debuggee, 'program' | 'kernel' | 'target'>,
  pc: bigint,
  options: { readonly bare: boolean; readonly isReturnAddress?: boolean },
): Location {
  const { address, physical } = debuggee.kernel.linkAddress(pc, options.bare);
  const inside = options.isReturnAddress === true ? address - 1n : address;
  const module = physical || debuggee.kernel.isKernelText(inside) ? undefined : moduleAt(debuggee, inside);
  if (module) {
    const symbol = moduleSymbolAt(debuggee, inside);
    return {
      pc,
      physical,
      symbol: symbol?.name,
      module: symbol?.module,
      offset: symbol ? Number(address - symbol.address) : 0,
      size: symbol?.size ?? 0,
      source: debuggee.program.lines?.at(inside),
    };
  }
  const { symbol, source } = placeAt(debuggee.program, inside);
  return {
    pc,
    physical,
    symbol: symbol?.name,
    module: undefined,
    offset: symbol ? Number(address - symbol.address) : 0,
    size: symbol?.size ?? 0,
    source,
  };
}

/** What a program has at a link-time address. */
interface Place {
  readonly symbol: ProgramSymbol | undefined;
  readonly source: SourceLine | undefined;
}

/** The call sites that stacks go through are the same at most stops. What is in modules may be something else at the next one. */
const known = new WeakMap<Program, Map<bigint, Place>>();
const mostKnown = 8192;

function placeAt(program: Program, address: bigint): Place {
  let places = known.get(program);
  if (!places) known.set(program, (places = new Map<bigint, Place>()));
  let place = places.get(address);
  if (!place) {
    if (places.size === mostKnown) places.clear();
    place = { symbol: program.symbols.at(address), source: program.lines?.at(address) };
    places.set(address, place);
  }
  return place;
}

/** `handle_exception+0x5e/0x13c`, `crc7_be+0x8/0x24 [crc7]` in a module, `… [physical 0x80201000]` before the MMU is on, or the bare address. */
export function formatLocation(location: Location): string {
  const address = hex(location.pc);
  if (location.symbol === undefined) return address;
  const text = `${location.symbol}+0x${location.offset.toString(16)}/0x${location.size.toString(16)}`;
  if (location.module !== undefined) return `${text} [${location.module}]`;
  return location.physical ? `${text} [physical ${address}]` : text;
}
