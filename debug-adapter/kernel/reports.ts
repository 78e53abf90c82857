/**
 * Where a kernel gives up: panic(), and die(), which prints what is called an oops (Linux 7.3 kernel/panic.c, arch/riscv/kernel/traps.c).
 * What they are called with is what the kernel is about to print.
 */
import { readPtRegs } from '../unwind/pt-regs';
import type { PtRegsLayout, ReadMemory } from '../unwind/types';
import { causeName } from '../unwind/trap-cause';
import { formatPrintk } from './printk-format';

export type ReportKind = 'panic' | 'oops';

/** By which functions a kernel reports: the first that there is. vpanic() is what panic() calls since Linux 6.17. */
export const reportFunctions: Readonly<Record<ReportKind, readonly string[]>> = {
  panic: ['vpanic', 'panic'],
  oops: ['die'],
};

/** Where one of them has been called and has not changed its arguments. */
interface ReportCall {
  readonly function: string;
  getX(index: number): bigint;
  readonly memory: ReadMemory;
  readonly layout: PtRegsLayout;
  /** `symbol+0xoff/0xsize`. */
  readonly symbol: (address: bigint) => string;
}

const [a0, a1, a7] = [10, 11, 17] as const;
const longestText = 1024;

/** What the kernel will say, in one line. */
export function reportText(call: ReportCall): string {
  const text = (address: bigint) => readText(call.memory, address);
  if (call.function === 'die') {
    const regs = readPtRegs(call.memory, call.getX(a0), call.layout);
    const at = regs ? ` at ${call.symbol(regs.epc)}, ${causeName(regs.cause)}` : '';
    return `${text(call.getX(a1)) ?? '?'}${at}`;
  }
  const format = text(call.getX(a0));
  if (format === undefined) return 'its message cannot be read';
  const next = call.function === 'vpanic' ? words(call.memory, call.getX(a1)) : registers(call);
  return formatPrintk(format, { next, text, symbol: call.symbol }).trim();
}

/** Arguments of a variadic function, as far as they are in registers (psABI, Integer Calling Convention). */
function registers(call: ReportCall): () => bigint | undefined {
  let index = a1 as number;
  return () => (index <= a7 ? call.getX(index++) : undefined);
}

/** A va_list of RISC-V is the address of the next argument. */
function words(memory: ReadMemory, list: bigint): () => bigint | undefined {
  let at = list;
  return () => {
    const bytes = memory(at, 8);
    at += 8n;
    return bytes && new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  };
}

function readText(memory: ReadMemory, address: bigint): string | undefined {
  let text = '';
  for (let at = address; text.length < longestText; at++) {
    const byte = memory(at, 1)?.[0];
    if (byte === undefined) return undefined;
    if (byte === 0) return text;
    text += String.fromCharCode(byte);
  }
  return text;
}
