/** What watchpoints have to report, found out without them: a machine goes step by step, and each instruction is looked at before it executes. */
import type { HartView, MemoryWatchpoint } from './api';
import { decode, instructionLength } from './isa/decode';
import type { Machine } from './machine';

/** An access to what is watched, as far as it can be known from outside. */
export interface Seen {
  /** Instructions of the machine once it is done. */
  readonly after: number;
  readonly hart: number;
  readonly pc: bigint;
  readonly id: number;
}

interface Guess {
  readonly access: 'read' | 'write' | 'read-write';
  readonly address: bigint;
  readonly size: number;
  /** The register that says by 0 whether a store-conditional has stored. */
  readonly success?: number;
}

const sizes: Readonly<Record<string, number>> = { b: 1, h: 2, w: 4, d: 8 };

/** What the instruction at the pc is going to access. */
function guess(machine: Machine, hart: HartView): Guess | undefined {
  const bits = fetch(machine, hart);
  const decoded = bits === undefined ? undefined : decode(bits);
  if (!decoded) return undefined;
  const { mnemonic } = decoded.instruction;
  const { rs1 = 0, imm = 0, rd = 0 } = decoded.fields;
  const base = hart.getX(rs1);
  const address = BigInt.asUintN(64, base + BigInt(imm));
  if (mnemonic === 'cbo.zero') return { access: 'write', address: base & ~63n, size: 64 };
  const atomic = /^(lr|sc|amo\w+)\.([wd])/.exec(mnemonic);
  if (atomic) {
    const size = sizes[atomic[2]!]!;
    if (atomic[1] === 'lr') return { access: 'read', address, size };
    if (atomic[1] === 'sc') return { access: 'write', address, size, success: rd };
    return { access: 'read-write', address, size };
  }
  const load = /^f?l([bhwd])u?$/.exec(mnemonic);
  if (load) return { access: 'read', address, size: sizes[load[1]!]! };
  const store = /^f?s([bhwd])$/.exec(mnemonic);
  return store ? { access: 'write', address, size: sizes[store[1]!]! } : undefined;
}

function fetch(machine: Machine, hart: HartView): number | undefined {
  const halfword = (address: bigint): number | undefined => {
    const physical = hart.translate(address);
    const bytes = physical === undefined ? undefined : machine.readPhysical(physical, 2);
    return bytes && bytes[0]! | (bytes[1]! << 8);
  };
  const low = halfword(hart.pc);
  if (low === undefined || instructionLength(low) === 2) return low;
  const high = halfword(hart.pc + 2n);
  return high === undefined ? undefined : low | (high << 16);
}

/** Goes one step, and says what of the watchpoints it has hit. Those of physical memory watch for changes. */
export function stepWatching(machine: Machine, watchpoints: readonly MemoryWatchpoint[]): Seen[] {
  const before = machine.harts.map((hart) => ({
    pc: hart.pc,
    instret: hart.instret,
    lastTrap: hart.lastTrap,
    guess: guess(machine, hart),
  }));
  const contents = (one: MemoryWatchpoint) => machine.readPhysical(Number(one.address), one.length);
  const old = watchpoints.map((one) => (one.space === 'physical' ? contents(one) : undefined));
  machine.run({ budget: 1 });
  const index = machine.harts.findIndex((hart, at) => hart.instret !== before[at]!.instret);
  const hart = machine.harts[index];
  if (!hart) return [];
  const { pc, lastTrap, guess: guessed } = before[index]!;
  const retired = hart.lastTrap === lastTrap;
  const hits = watchpoints.filter((one, at) => {
    if (one.space === 'physical') return Buffer.compare(contents(one)!, old[at]!) !== 0;
    return retired && guessed !== undefined && isHit(one, guessed, hart);
  });
  return hits.map(({ id }) => ({ after: machine.instructions, hart: index, pc, id }));
}

function isHit(
  watchpoint: MemoryWatchpoint,
  { access, address, size, success }: Guess,
  hart: HartView,
): boolean {
  if (success !== undefined && (success === 0 || hart.getX(success) !== 0n)) return false;
  const end = watchpoint.address + BigInt(watchpoint.length);
  if (address >= end || address + BigInt(size) <= watchpoint.address) return false;
  switch (watchpoint.access) {
    case 'read':
      return access !== 'write';
    case 'write':
      return access !== 'read';
    default:
      return true;
  }
}
