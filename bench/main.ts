/**
 * `npm run bench [-- --check]`: the speed of the emulator on three integer programs and one in floating point, and what
 * breakpoints, pausing and starting cost; on a real kernel beside gdb. With `--check` the exit status is 1 if a program is slower
 * than its `requiredMips`.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BootImage } from '../emulator/api';
import { measureKernelStart, missingForKernelStart, type KernelStart } from './kernel-start';
import { median, mips, runProgram, startTime } from './measure';
import { pauseLatencies } from './pause';
import { privilegedCosts } from './privileged';
import { hasQemu, timeOnQemu } from './qemu';

const RUNS = 5;
const PAUSES = 60;
const KERNEL_STARTS = 9;
const LOAD_ADDRESS = 0x8000_0000;

const programs = [
  { name: 'sieve', requiredMips: 150, does: 'sieve of primes, CRC-32' },
  { name: 'sort', requiredMips: 150, does: 'merge sort of a list, pointer chasing' },
  { name: 'vm', requiredMips: 150, does: 'bytecode interpreter, multiply and divide' },
  { name: 'float', requiredMips: 40, does: 'planets in doubles, Mandelbrot set in singles' },
] as const;

/** Addresses that no program executes. */
const elsewhere = Array.from({ length: 100 }, (_, index) => BigInt(LOAD_ADDRESS + 0x40_0000 + index * 64));

async function main(): Promise<void> {
  const rows = programs.map(({ name, requiredMips, does }) => {
    const path = fileURLToPath(new URL(`programs/prebuilt/${name}.bin`, import.meta.url));
    const image = load(readFileSync(path));
    runProgram(image); // Once to let the compiler of the host get warm.
    // What is compared runs in turn, so that noise of the host hits all alike.
    const rounds = Array.from({ length: RUNS }, () => ({
      plain: runProgram(image),
      withBreakpoints: runProgram(image, (machine) => machine.setBreakpoints(elsewhere)),
      qemuSeconds: hasQemu ? timeOnQemu(path) : NaN,
    }));
    const seconds = median(rounds.map(({ plain }) => plain.seconds));
    const speed = median(rounds.map(({ plain }) => mips(plain)));
    const speedWithBreakpoints = median(rounds.map(({ withBreakpoints }) => mips(withBreakpoints)));
    const qemuSeconds = median(rounds.map((round) => round.qemuSeconds));
    return {
      cells: [
        name,
        (rounds[0]!.plain.instructions / 1e6).toFixed(0),
        speed.toFixed(0),
        (speedWithBreakpoints / speed).toFixed(2),
        hasQemu ? (qemuSeconds / seconds).toFixed(2) : '-',
        does,
      ],
      speed,
      requiredMips,
      image,
    };
  });

  const header = ['program', 'M instr.', 'MIPS', 'with 100 bp', 'vs QEMU', 'does'];
  printTable([header, ...rows.map((row) => row.cells)]);
  const start = median(Array.from({ length: RUNS }, () => startTime(rows[0]!.image)));
  console.log(
    `\nA machine starts in ${start.toFixed(1)} ms. MIPS: median of ${RUNS} runs on Node ${process.versions.node}.`,
  );
  console.log('\nWhat kernels do often, in microseconds:');
  printTable(privilegedCosts().map(({ name, microseconds }) => [name, microseconds.toFixed(2), '']));
  const pauses = await pauseLatencies(rows[0]!.image, PAUSES);
  console.log(
    `A running machine stops ${median(pauses).toFixed(1)} ms after a pause is due, at most ${Math.max(...pauses).toFixed(1)} ms (${pauses.length} pauses).`,
  );
  await printKernelStart();
  if (!hasQemu) console.log('qemu-system-riscv64 is not installed: no comparison with it.');

  const slow = rows.filter((row) => row.speed < row.requiredMips);
  if (process.argv.includes('--check') && slow.length > 0) {
    console.error(
      `Too slow: ${slow.map(({ cells, requiredMips }) => `${cells[0]} (less than ${requiredMips} MIPS)`).join(', ')}.`,
    );
    process.exitCode = 1;
  }
}

async function printKernelStart(): Promise<void> {
  const missing = missingForKernelStart();
  if (missing !== undefined) {
    console.log(`The start on a real kernel is not measured: ${missing}.`);
    return;
  }
  const starts = await measureKernelStart(KERNEL_STARTS);
  const best = (of: (start: KernelStart) => number) => Math.min(...starts.map(of));
  const middle = (of: (start: KernelStart) => number) => median(starts.map(of));
  const whole = ({ adapter, gdb }: KernelStart) => adapter / gdb;
  const launch = ({ fromLaunch, gdb }: KernelStart) => fromLaunch / gdb;
  console.log(
    `A breakpoint in a 54 MB vmlinux is set ${middle((start) => start.adapter).toFixed(0)} ms after the adapter's process starts ` +
      `(best ${best((start) => start.adapter).toFixed(0)} ms), ${middle((start) => start.fromLaunch).toFixed(0)} ms after launch; ` +
      `gdb's after ${middle((start) => start.gdb).toFixed(0)} ms (best ${best((start) => start.gdb).toFixed(0)} ms). ` +
      `Ratio to gdb: ${middle(whole).toFixed(2)}, from launch on ${middle(launch).toFixed(2)} (medians of ${starts.length}). ` +
      `Resident then: ${middle((start) => start.residentMegabytes).toFixed(0)} MB.`,
  );
}

function load(data: Uint8Array): BootImage {
  return { segments: [{ address: LOAD_ADDRESS, data, memorySize: data.length }], entry: LOAD_ADDRESS };
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 0 || column === row.length - 1
        ? cell.padEnd(widths[column]!)
        : cell.padStart(widths[column]!),
    );
    console.log(cells.join('  ').trimEnd());
  }
}

void main();
