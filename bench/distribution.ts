import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BuiltCli } from '../test/built-cli.test-support';
import { initramfsOf, kernelOf, POWER_OFF } from '../test/distribution/suite.test-support';
import { measureBoot } from './boot';
import { requirements } from './requirements';
import { skipped, type Section } from './section';

/** A release: its kernel changes seldom. */
const suite = 'trixie';
const title = `The kernel of Debian ${suite}, from start to power-off`;

/** With busybox and the modules of the machine's devices; fetched where the tests have it from, if it is not there yet. */
export async function measureDistribution(cli: BuiltCli, rounds: number): Promise<Section> {
  const kernel = kernelOf(suite) ?? fetched();
  if (kernel === undefined) return skipped(title, `test/distribution/fetch.sh cannot fetch it`);
  const boot = {
    title,
    name: `Debian ${suite}`,
    ourKernel: kernel,
    kernel,
    initrd: await cli.file('initramfs.cpio', initramfsOf(suite, POWER_OFF)),
    append: 'console=ttyS0',
    memoryMegabytes: 512,
    time: requirements.distribution,
  };
  return measureBoot(cli, boot, rounds);
}

function fetched(): string | undefined {
  const script = fileURLToPath(new URL('../test/distribution/fetch.sh', import.meta.url));
  spawnSync(script, [suite], { stdio: 'ignore' });
  return kernelOf(suite);
}
