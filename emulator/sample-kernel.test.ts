import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BootImage } from './api';
import { loadElf } from './elf.test-support';
import { Machine } from './machine';
import { poweredOff } from './machine.test-support';

const BANNER = 'RISC-V sample kernel';
/** The kernel powers off after less than half of it. */
const LIMIT = 20_000_000;
const OPENSBI = '/usr/share/qemu/opensbi-riscv64-generic-fw_dynamic.bin';
const hasQemu = spawnSync('qemu-system-riscv64', ['--version']).status === 0;

const builds = [
  { name: 'metadata', firmware: 'builtin', harts: [1, 2, 4] },
  { name: 'legacy', firmware: 'builtin', harts: [2] },
  { name: 'm-mode', firmware: 'none', harts: [1, 4] },
] as const;
type Build = (typeof builds)[number];

const pathOf = ({ name }: Build) =>
  fileURLToPath(new URL(`../sample-kernel/prebuilt/sample-${name}.elf`, import.meta.url));

function boot(build: Build, harts: number, firmware: 'builtin' | 'none' | BootImage = build.firmware) {
  const machine = new Machine({ image: loadElf(readFileSync(pathOf(build))), firmware, harts });
  let output = '';
  machine.onConsoleOutput = (bytes) => (output += Buffer.from(bytes).toString());
  const stop = machine.run({ budget: LIMIT });
  return { machine, stop, output: lines(output) };
}

function bootOnQemu(build: Build, harts: number): string[] {
  const bios = build.firmware === 'none' ? ['-bios', 'none'] : [];
  const board = ['-M', 'virt', '-m', '128M', '-smp', String(harts), ...bios, '-kernel', pathOf(build)];
  const { stdout } = spawnSync('qemu-system-riscv64', [...board, '-nographic', '-monitor', 'none'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 15_000,
  });
  // Powering off takes QEMU a moment, in which the guest goes on.
  return lines(stdout.toString().replace(/(?<=done, powering off\r?\n)[^]*/, ''));
}

/** The kernel's own lines: what the firmware printed before is not compared. */
function lines(output: string): string[] {
  return output.slice(Math.max(output.indexOf(BANNER), 0)).split(/\r?\n/);
}

describe('sample kernel on the machine', () => {
  before(function () {
    if (!builds.every((build) => existsSync(pathOf(build)))) this.skip(); // Built by `make -C sample-kernel`.
  });

  for (const build of builds) {
    for (const harts of build.harts) {
      it(`runs its tour to power-off: ${build.name} build, ${harts} hart(s)`, () => {
        const { stop, output } = boot(build, harts);
        assert.deepEqual(stop, poweredOff, output.join('\n'));
        assert.ok(output[0]!.includes(`${harts} cpu`), output[0]);
      });
    }
  }

  it('prints what it prints on QEMU, in S-mode and in M-mode', function () {
    if (!hasQemu) this.skip(); // Needs qemu-system-riscv64.
    for (const build of [builds[0], builds[2]]) {
      assert.deepEqual(boot(build, 2).output, bootOnQemu(build, 2));
    }
  });

  it('runs its tour under OpenSBI as QEMU ships it', function () {
    if (!existsSync(OPENSBI)) this.skip(); // Needs the package opensbi or qemu-system-data.
    const data = readFileSync(OPENSBI);
    const firmware = { segments: [{ address: 0x8000_0000, data, memorySize: 0x8_0000 }], entry: 0x8000_0000 };
    const { stop, output } = boot(builds[0], 2, firmware);
    assert.deepEqual(stop, poweredOff, output.join('\n'));
    assert.deepEqual(output, boot(builds[0], 2).output);
  });

  it('ends with the same digest in two runs', () => {
    const [first, second] = [boot(builds[0], 4), boot(builds[0], 4)];
    assert.equal(first.machine.instructions, second.machine.instructions);
    assert.equal(first.machine.digest(), second.machine.digest());
  });
});
