import type { MachineConfig, RunStop } from './api';
import { guest } from './guest.test-support';
import { Machine } from './machine';

/** Enough for guests in tests, and quick to hash. */
export const MEMORY = 2 << 20;

export const Sbi = {
  time: 0x54494d45,
  ipi: 0x735049,
  rfence: 0x52464e43,
  hsm: 0x48534d,
  srst: 0x53525354,
  dbcn: 0x4442434e,
} as const;

export const poweredOff = { kind: 'exit', exit: { kind: 'power-off', code: 0 } };

/** Guest code: an SBI call with its arguments in place. */
export const sbi = (eid: number, fid: number) => `
  li a7,${eid}
  li a6,${fid}
  ecall`;

/** Guest code: ends the machine through the test device with the code in `register`; 0 is a power-off. */
export const finish = (register: string) => `
  li t5,0x100000
  li t6,0x5555
  beqz ${register},finish
  slli ${register},${register},16
  li t6,0x3333
  or t6,t6,${register}
finish:
  sw t6,0(t5)
stay:
  j stay`;

interface Ending {
  readonly machine: Machine;
  readonly output: string;
  readonly stop: RunStop;
}

export function runToEnd(source: string, config: Partial<MachineConfig> = {}, budget = 1_000_000): Ending {
  const machine = new Machine({ image: guest(source).image, memory: MEMORY, ...config });
  let output = '';
  machine.onConsoleOutput = (bytes) => (output += Buffer.from(bytes).toString());
  return { machine, stop: machine.run({ budget }), output };
}
