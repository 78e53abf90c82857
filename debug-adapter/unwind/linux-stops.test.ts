/**
 * The walk against stops of Linux 7.3 with the metadata patch under QEMU, whose chains gdb found. `groundtruth.jsonl` in
 * the folder that RISCV_UNWIND_LINUX names holds, a line each: registers, stack images, and the chain.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { constantPtRegsLayout } from './pt-regs';
import { walkMetadata } from './metadata-walk';
import type { Mark, ReadMemory, StackBounds } from './types';

interface Stop {
  readonly title: string;
  readonly regs: Readonly<Record<'pc' | 's0' | 'sp', string>>;
  /** The task's stack first, then the IRQ stack of the CPU. `data` begins `data_off` bytes above `base`. */
  readonly stacks: readonly { base: string; size: number; data_off: number; data: string }[];
  readonly chain: readonly { kind: string; addr: string | null }[];
  readonly types: readonly number[];
}

/** .head.text and .text, then .init.text of that kernel. */
const text = [
  { start: 0xffffffff80000000n, end: 0xffffffff801c3352n },
  { start: 0xffffffff801c3380n, end: 0xffffffff801de296n },
];
const marks: Readonly<Record<string, Mark>> = { pc: 'C', rec: 'C', epc: 'P' };

describe('walkMetadata on stops of Linux 7.3', () => {
  it('finds the chains that gdb found', function () {
    const folder = process.env['RISCV_UNWIND_LINUX'];
    const file = folder === undefined ? undefined : join(folder, 'groundtruth.jsonl');
    if (file === undefined || !existsSync(file)) {
      this.test!.title += ' (skipped: RISCV_UNWIND_LINUX names no folder with groundtruth.jsonl)';
      this.skip();
    }
    const stops = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Stop);
    assert.equal(stops.length, 25);
    for (const stop of stops) checkStop(stop);
  });
});

function checkStop(stop: Stop): void {
  const stacks = stop.stacks.map(({ base, size }, n): StackBounds => {
    const kind = n === 0 ? 'task' : 'irq';
    return { kind, name: `${kind} stack`, low: BigInt(base), high: BigInt(base) + BigInt(size) };
  });
  const images = stop.stacks.map(({ size, data_off, data }) => {
    const image = new Uint8Array(size);
    image.set(Buffer.from(data, 'hex'), data_off);
    return image;
  });
  const memory: ReadMemory = (address, length) => {
    const n = stacks.findIndex(({ low, high }) => address >= low && address + BigInt(length) <= high);
    const offset = n < 0 ? 0 : Number(address - stacks[n]!.low);
    return images[n]?.subarray(offset, offset + length);
  };
  const { pc, s0, sp } = stop.regs;
  const result = walkMetadata({
    start: { kind: 'registers', pc: BigInt(pc), fp: BigInt(s0), sp: BigInt(sp) },
    memory,
    stacks,
    finalRecord: stacks[0]!.high - 32n,
    layout: constantPtRegsLayout,
    isKernelText: (address) => text.some(({ start, end }) => address >= start && address < end),
  });
  assert.deepEqual(
    result.frames.map((frame) => [frame.pc, frame.mark]),
    stop.chain.filter(({ addr }) => addr !== null).map(({ kind, addr }) => [BigInt(addr!), marks[kind]]),
    stop.title,
  );
  assert.equal(result.end.kind, 'final', stop.title);
  assert.equal(result.reliable, !stop.types.includes(2), stop.title);
}
