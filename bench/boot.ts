/** The boot of a kernel to its power-off: our command line and QEMU as whole processes, and our machine alone in this one. */
import { readFileSync } from 'node:fs';
import { Machine } from '../emulator/machine';
import { readKernelFile } from '../debug-adapter/image/kernel-file';
import type { BuiltCli } from '../test/built-cli.test-support';
import { runProcess, type ProcessRun } from './process-run';
import { bootOnQemu, noQemu, qemuVersion, type QemuKernel } from './qemu';
import { requirements, type Finding, type Requirement } from './requirements';
import { interleave } from './rounds';
import { runMachine } from './run-program';
import type { Section } from './section';
import { median } from './statistics';
import { figure, table } from './table';

interface KernelBoot extends QemuKernel {
  readonly title: string;
  readonly name: string;
  /** The kernel as we take it; QEMU takes flat images only. */
  readonly ourKernel: string;
  /** What our time is held against. */
  readonly time: Requirement;
}

const DONE = 'reboot: Power down';

interface Measured {
  /** What was measured. */
  readonly what: string;
  readonly runs: readonly ProcessRun[];
}

export async function measureBoot(cli: BuiltCli, boot: KernelBoot, rounds: number): Promise<Section> {
  const { interpreter, translator, alone, qemu } = await interleave(rounds, {
    translator: () => ours(cli, boot, []),
    qemu: () => (qemuVersion === undefined ? undefined : checked(bootOnQemu(boot))),
    interpreter: () => ours(cli, boot, ['--no-translate']),
    alone: () => machineAlone(boot),
  });
  const theirs = qemu.filter((run) => run !== undefined);
  const measured: readonly Measured[] = [
    { what: 'translator', runs: translator },
    { what: 'interpreter', runs: interpreter },
    ...(theirs.length > 0 ? [{ what: 'QEMU', runs: theirs }] : []),
  ];
  const seconds = alone.map((run) => run.seconds);
  const resident = Math.max(...translator.map((run) => run.residentMegabytes));
  return {
    title: boot.title,
    blocks: [
      table(
        ['process', 'wall s', 'CPU s', 'MB resident', "wall/QEMU's", "CPU/QEMU's"],
        measured.map((process) => row(process, theirs)),
      ),
      ...(qemuVersion === undefined ? [`No comparison with QEMU: ${noQemu}.`] : []),
      `The machine alone, in a process that has run one before: ${bestAndMedian(seconds)} s for ` +
        `${figure(alone[0]!.instructions / 1e6)} M instructions, ${figure(alone[0]!.instructions / 1e6 / median(seconds))} MIPS.`,
      `Best (median) of ${rounds}; ratios are medians of those of the rounds. The guest has ${boot.memoryMegabytes} MB and one hart; ` +
        'with us a hart that waits costs no time, on QEMU it sleeps.',
    ],
    findings: findings(boot, translator, theirs, resident),
  };
}

function findings(
  { name: of, time, memoryMegabytes }: KernelBoot,
  ours: readonly ProcessRun[],
  theirs: readonly ProcessRun[],
  resident: number,
): Finding[] {
  return [
    ...(theirs.length > 0 ? [{ requirement: time, of, value: ratio(ours, theirs, 'seconds') }] : []),
    ...(Number.isFinite(resident)
      ? [{ requirement: requirements.memory, of, value: resident - memoryMegabytes }]
      : []),
  ];
}

async function ours(cli: BuiltCli, boot: KernelBoot, options: readonly string[]): Promise<ProcessRun> {
  const { ourKernel, initrd, append, memoryMegabytes } = boot;
  const machine = ['--initrd', initrd, '--append', append, '--memory', `${memoryMegabytes}M`];
  return checked(runProcess(process.execPath, [cli.script, 'run', ourKernel, ...machine, ...options]));
}

async function checked(process: Promise<ProcessRun>): Promise<ProcessRun> {
  const run = await process;
  if (!run.stdout.includes(DONE)) throw new Error(`The kernel did not power off: ${run.stdout.slice(-2000)}`);
  return run;
}

function machineAlone({ ourKernel, initrd, append, memoryMegabytes }: KernelBoot) {
  const { segments, entry } = readKernelFile(readFileSync(ourKernel)).image;
  const image = {
    segments: segments.map(({ physicalAddress, data, memorySize }) => ({
      address: Number(physicalAddress),
      data,
      memorySize,
    })),
    entry: Number(entry),
  };
  const memory = memoryMegabytes << 20;
  return runMachine(new Machine({ image, initrd: readFileSync(initrd), append, memory }));
}

function row({ what, runs }: Measured, theirs: readonly ProcessRun[]): string[] {
  const all = (of: keyof ProcessRun) => runs.map((run) => Number(run[of]));
  return [
    what,
    bestAndMedian(all('seconds')),
    bestAndMedian(all('cpuSeconds')),
    figure(Math.max(...all('residentMegabytes'))),
    figure(ratio(runs, theirs, 'seconds'), 2),
    figure(ratio(runs, theirs, 'cpuSeconds'), 2),
  ];
}

function ratio(
  ours: readonly ProcessRun[],
  theirs: readonly ProcessRun[],
  of: 'seconds' | 'cpuSeconds',
): number {
  return median(theirs.map((run, round) => ours[round]![of] / run[of]));
}

function bestAndMedian(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(2)} (${median(values).toFixed(2)})`;
}
