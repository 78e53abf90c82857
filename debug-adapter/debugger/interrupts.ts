/** What interrupts each hart, or would: pending, enabled, and what holds it (priv 1.13 §3.1.6.1, §3.1.9, §10.1.3). */
import type { InterruptState, TargetHart } from '../target/target';

const csr = {
  mstatus: 0x300,
  mideleg: 0x303,
  mie: 0x304,
  mip: 0x344,
  stimecmp: 0x14d,
  menvcfg: 0x30a,
  time: 0xc01,
} as const;
const statusSie = 1n << 1n;
const statusMie = 1n << 3n;
/** menvcfg.STCE: supervisor timer interrupts come from stimecmp (Sstc). */
const stce = 1n << 63n;
const never = (1n << 64n) - 1n;

const names: readonly (readonly [number, string])[] = [
  [1, 'supervisor software'],
  [5, 'supervisor timer'],
  [9, 'supervisor external'],
  [13, 'counter overflow'],
  [3, 'machine software'],
  [7, 'machine timer'],
  [11, 'machine external'],
];

interface HartInterrupt {
  /** `supervisor timer`. */
  readonly name: string;
  readonly pending: boolean;
  readonly enabled: boolean;
  /** Why one that is pending and enabled is not taken: `sstatus.SIE = 0`; `undefined` if nothing holds it, or it is not both. */
  readonly heldBy: string | undefined;
}

/** All that this hart can be interrupted by: those that the kernel gets, and those of M-mode that are pending or enabled. */
export function hartInterrupts(hart: TargetHart): readonly HartInterrupt[] {
  const read = (address: number) => hart.getCsr(address) ?? 0n;
  const [mip, mie, mideleg] = [read(csr.mip), read(csr.mie), read(csr.mideleg)];
  return names.flatMap(([cause, name]) => {
    const bit = 1n << BigInt(cause);
    const [pending, enabled, delegated] = [mip, mie, mideleg].map((bits) => (bits & bit) !== 0n);
    if (!delegated && !pending && !enabled) return [];
    const heldBy = pending && enabled ? holder(hart, delegated!) : undefined;
    return [{ name, pending: pending!, enabled: enabled!, heldBy }];
  });
}

function holder(hart: TargetHart, delegated: boolean): string | undefined {
  const status = hart.getCsr(csr.mstatus) ?? 0n;
  if (!delegated) {
    return hart.privilege === 'machine' && (status & statusMie) === 0n ? 'mstatus.MIE = 0' : undefined;
  }
  if (hart.privilege === 'machine') return 'machine mode';
  return hart.privilege === 'supervisor' && (status & statusSie) === 0n ? 'sstatus.SIE = 0' : undefined;
}

/** `pending, enabled, held by sstatus.SIE = 0`. */
export function describeInterrupt({ pending, enabled, heldBy }: HartInterrupt): string {
  const state = [pending ? 'pending' : 'not pending', enabled ? 'enabled' : 'not enabled'];
  if (heldBy !== undefined) return [...state, `held by ${heldBy}`].join(', ');
  return [...state, ...(pending && enabled ? ['taken next'] : [])].join(', ');
}

interface HartTimer {
  /** The register that holds the deadline. */
  readonly register: 'stimecmp' | 'mtimecmp';
  /** Ticks of `time` until then, negative if it is past; `undefined` if the timer is off. */
  readonly ticks: bigint | undefined;
}

/** The timer that the kernel gets its interrupts from: its own with Sstc, else M-mode's. */
export function hartTimer(hart: TargetHart, { mtimecmp }: InterruptState): HartTimer {
  const own = ((hart.getCsr(csr.menvcfg) ?? 0n) & stce) !== 0n ? hart.getCsr(csr.stimecmp) : undefined;
  const deadline = own ?? mtimecmp[hart.index] ?? never;
  const time = hart.getCsr(csr.time) ?? 0n;
  return {
    register: own === undefined ? 'mtimecmp' : 'stimecmp',
    ticks: deadline === never ? undefined : deadline - time,
  };
}

/** `stimecmp: in 1234 ticks`. */
export function describeTimer({ register, ticks }: HartTimer): string {
  if (ticks === undefined) return `${register}: off`;
  return ticks < 0n ? `${register}: ${-ticks} ticks ago` : `${register}: in ${ticks} ticks`;
}

/** `uart: priority 1, pending; for hart 0 in S-mode`, with the contexts whose threshold hides it said. */
export function describeSource(source: InterruptState['sources'][number], state: InterruptState): string {
  const { priority, level, pending, inService } = source;
  const targets = state.contexts
    .filter(({ enabled }) => enabled.includes(source.source))
    .map(({ hart, privilege, threshold }) => {
      const hidden = priority <= threshold ? ` (hidden by threshold ${threshold})` : '';
      return `hart ${hart} in ${privilege === 'supervisor' ? 'S' : 'M'}-mode${hidden}`;
    });
  const facts = [
    `priority ${priority}`,
    ...(level ? ['asserted'] : []),
    ...(pending ? ['pending'] : []),
    ...(inService ? ['in service'] : []),
  ];
  return `${facts.join(', ')}; ${targets.length === 0 ? 'enabled for none' : `for ${targets.join(', ')}`}`;
}
