/** What became of a breakpoint's place: the addresses to arm with a description, or why there are none. */
import type { SourceLine } from '../symbols/api';
import { hex } from '../unwind/hex';
import type { Debuggee, Resolution, UnresolvedSpec } from './api';

/** Places in the program that one breakpoint can have. More are a mistake, and each of them costs speed. */
export const mostPlaces = 512;

/** Of link-time addresses, with all at which each of them may run. */
type Describe = (
  kernel: Debuggee['kernel'],
  name: string,
  addresses: readonly bigint[],
  places: readonly (readonly bigint[])[],
) => string;

/**
 * What is armed for code at link-time addresses.
 * @param name what the user knows the place by
 * @param source of the first address; by default what the line table has there
 * @param describe what the client is told of it: by default where it is
 */
export function resolved(
  { kernel, program }: Debuggee,
  found: readonly bigint[],
  name: string,
  source?: SourceLine,
  describe: Describe = describePlaces,
): Resolution {
  const all = [...new Set(found)].sort((a, b) => (a < b ? -1 : 1));
  // What lies in freed memory now is no code of the program, and an instruction there may be data.
  const addresses = all.filter((address) => !(kernel.initFreed && kernel.isInitText(address)));
  const [first] = addresses;
  if (first === undefined) return unresolved(freedText(name));
  const places = addresses.map((address) => kernel.runAddresses(address));
  return {
    kind: 'resolved',
    addresses,
    armed: [...new Set(places.flat())],
    description: describe(kernel, name, addresses, places),
    source: source ?? program.lines?.at(first),
  };
}

/** `start_kernel at 0xffffffff80002000, also 0x80202000 before the MMU is on`, and what else is to be known of the place. */
function describePlaces(
  kernel: Debuggee['kernel'],
  name: string,
  addresses: readonly bigint[],
  places: readonly (readonly bigint[])[],
): string {
  const list = (some: readonly bigint[]) => some.map(hex).join(', ');
  const physical = places.flatMap((place) => place.slice(1));
  return [
    `${name} at ${list(places.map((place) => place[0]!))}`,
    ...(kernel.slide === 0n ? [] : [`linked at ${list(addresses)}`]),
    ...(physical.length === 0 ? [] : [`also ${list(physical)} before the MMU is on`]),
    ...initText(kernel, addresses),
  ].join(', ');
}

export function initText(kernel: Debuggee['kernel'], addresses: readonly bigint[]): readonly string[] {
  return addresses.some((address) => kernel.isInitText(address)) ? ['in init text, freed after boot'] : [];
}

function freedText(name: string): string {
  return `${name} is in init text, which the kernel has freed: nothing runs there any more. It is set again when the machine is restarted.`;
}

/** @param reason a sentence that says what to do */
export function unresolved(reason: string): UnresolvedSpec {
  return { kind: 'unresolved', reason };
}
