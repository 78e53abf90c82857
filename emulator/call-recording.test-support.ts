/** Programs whose calls a machine records, and how these read. */
import assert from 'node:assert/strict';
import type { CallChain, MachineConfig } from './api';
import { guest } from './guest.test-support';
import { Machine } from './machine';

export const MEMORY = 1 << 20;

/** A machine that records, whose program runs until harts stand at `stop`, and how its chains read. */
export function record(source: string, config: Partial<MachineConfig> = {}) {
  const { image, labels } = guest(source);
  const machine = new Machine({ image, memory: MEMORY, firmware: 'none', recordCalls: true, ...config });
  /** The last label at or before it, which is where a call returns to in these programs. */
  const nameOf = (address: bigint): string => {
    const [name, at] = [...labels].filter(([, label]) => label <= address).at(-1) ?? ['?', address];
    return at === address ? name : `${name}+${address - at}`;
  };
  return {
    machine,
    runTo: (label: string, budget = 200_000): void => {
      machine.setBreakpoints([labels.get(label)!]);
      assert.equal(machine.run({ budget }).kind, 'breakpoint', `comes to ${label}`);
    },
    /** Innermost first, then the origin. */
    chain: (hart = 0): string => readable(machine.harts[hart]!.callChain, nameOf),
  };
}

function readable(chain: CallChain | undefined, nameOf: (address: bigint) => string): string {
  if (!chain) return 'none';
  const { transfers, origin } = chain;
  const rows = transfers.map((transfer) =>
    transfer.kind === 'call' ? nameOf(transfer.returnAddress) : `trap ${nameOf(transfer.trap.epc)}`,
  );
  const end =
    origin.kind === 'start'
      ? `start ${nameOf(origin.pc)}`
      : origin.kind === 'user'
        ? `user ${nameOf(origin.trap.epc)}`
        : origin.kind;
  return [...rows, end].join(', ');
}

export const prologue = `
  addi sp,sp,-16
  sd ra,0(sp)`;
export const epilogue = `
  ld ra,0(sp)
  addi sp,sp,16
  ret`;
export const stack = 'li sp,0x80080000';
/** Saves ra and sp at a0, loads those at a1. */
export const switchTo = `
  sd ra,0(a0)
  sd sp,8(a0)
  ld ra,0(a1)
  ld sp,8(a1)
  ret`;
/** The trap vector, and a stack that traps find in mscratch. */
export const vector = `
  la t0,trap
  csrw mtvec,t0
  li t0,0x3fffffffffffff
  csrw pmpaddr0,t0
  li t0,0x1f
  csrw pmpcfg0,t0`;
