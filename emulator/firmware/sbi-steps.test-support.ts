import { implementedExtensions, type ExtensionSet } from '../isa/extensions';

/** What a program for two firmwares is made of (`sbi-program.test-support.ts`). Steps may use all registers but s10 and s11. */
export interface Step {
  /** Assembly; `note(slot)` in it is replaced by what stores t0 as one of the values. */
  readonly code: (note: (slot: number) => string) => string;
  /** Of what is noted. Nothing is reported if there is none. */
  readonly name?: string;
  readonly values: readonly string[];
}

export const Eid = {
  base: 0x10,
  time: 0x5449_4d45,
  ipi: 0x0073_5049,
  rfence: 0x5246_4e43,
  hsm: 0x0048_534d,
  srst: 0x5352_5354,
  dbcn: 0x4442_434e,
  pmu: 0x0050_4d55,
} as const;
export const Legacy = {
  setTimer: 0,
  put: 1,
  get: 2,
  clearIpi: 3,
  sendIpi: 4,
  fenceI: 5,
  fence: 6,
  fenceAsid: 7,
  off: 8,
} as const;
/** Those whose first argument points to a mask of harts. */
export const withMask = [Legacy.sendIpi, Legacy.fenceI, Legacy.fence, Legacy.fenceAsid];

/** All ones. */
export const ALL = -1n;
export const BEYOND_32_BITS = 1n << 32n;

/** Machines whose timers are different. */
export const timers: readonly (readonly [what: string, extensions: ExtensionSet])[] = [
  ['with Sstc', implementedExtensions],
  ['without Sstc', new Set([...implementedExtensions].filter((name) => name !== 'sstc'))],
];

/** Memory for the steps, zero at first. */
export const SCRATCH = 0x8090_0000n;

/** What arguments are that a step does not give. */
const ELSE = 0x7700n;
const REGISTERS = ['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'];

/** A value, or the address of a label. */
export type Argument = bigint | string;

export const hex = (value: bigint): string =>
  `${value < 0n ? '-' : ''}0x${(value < 0n ? -value : value).toString(16)}`;

/**
 * An SBI call with up to six arguments. Noted are a0 and a1, the exception that the caller got instead of an answer, and which of the
 * other argument registers did not keep their values.
 */
export function call(
  name: string,
  eid: number | bigint,
  fid: number | bigint,
  ...args: readonly Argument[]
): Step {
  const values: Argument[] = [
    ...[0, 1, 2, 3, 4, 5].map((index) => args[index] ?? ELSE),
    BigInt(fid),
    BigInt(eid),
  ];
  const put = (register: string, value: Argument): string =>
    `${typeof value === 'string' ? 'la' : 'li'} ${register},${value}`;
  return {
    name: `${name} ${args.map((arg) => (typeof arg === 'string' ? arg : hex(arg))).join(' ')}`.trim(),
    values: ['a0', 'a1', 'cause', 'tval', 'changed'],
    code: (note) => `
      li s10,0
      li s11,0
      ${REGISTERS.map((register, index) => put(register, values[index]!)).join('\n')}
      ecall
      li t1,0
      ${REGISTERS.slice(2)
        .map((register, index) => `${put('t0', values[index + 2]!)}\nxor t0,t0,${register}\nor t1,t1,t0`)
        .join('\n')}
      ${['a0', 'a1', 's10', 's11', 't1'].map((register, slot) => `mv t0,${register}\n${note(slot)}`).join('\n')}`,
  };
}

/** Notes what code leaves in t0. */
export const observe = (name: string, code: string): Step => ({
  name,
  values: ['t0'],
  code: (note) => `${code}\n${note(0)}`,
});

/** Does something that nothing is noted of. */
export const act = (code: string): Step => ({ values: [], code: () => code });

let labels = 0;

/** Waits until a doubleword in memory has this value. */
export const until = (address: bigint, value: bigint): Step => {
  const label = `until${labels++}`;
  return act(`li t1,${address}\nli t2,${value}\n${label}:\nld t0,0(t1)\nbne t0,t2,${label}\nfence`);
};

/** Waits until HSM gives a hart this status. */
export const untilStatus = (hart: number, status: number): Step => {
  const label = `status${labels++}`;
  return act(
    `${label}:\nli a0,${hart}\nli a6,2\nli a7,${Eid.hsm}\necall\nli t0,${status}\nbne a1,t0,${label}`,
  );
};

/** Time for an interrupt to arrive. */
const settled = (): string => {
  const label = `settled${labels++}`;
  return `li t1,2000\n${label}:\naddi t1,t1,-1\nbnez t1,${label}`;
};

/** A doubleword in memory. */
export const store = (address: bigint, value: bigint): Step =>
  act(`li t1,${address}\nli t0,${value}\nsd t0,0(t1)\nfence`);
export const load = (address: bigint): string => `li t1,${address}\nld t0,0(t1)`;

/** Notes what pends a little later, and makes the software interrupt pend no more. */
export const pending = (name: string): Step[] => [
  observe(`sip after ${name}`, `${settled()}\ncsrr t0,sip`),
  act('csrci sip,2'),
];
