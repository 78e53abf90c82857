import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BuiltCli } from '../built-cli.test-support';
import { ourWalk } from './our-walk';
import { missingTools, qemuWalks, type QemuWalk } from './qemu-walk';
import {
  groupByBoot,
  loadSituations,
  qemuMachine,
  sampleKernel,
  stackKinds,
  type Situation,
} from './situations';

const situations = loadSituations();
/** Compared directly. The rest is compared with situations.json on both sides: here with QEMU, in test/cli with ours. */
const compared = new Set([
  'boot before the MMU, in C',
  'boot after the MMU',
  'kernel thread',
  'third secondary hart',
  'timer interrupt over kernel code',
  'inter-processor interrupt over the idle loop of another hart',
  'timer interrupt over a compact leaf',
  'kernel stack overflow',
  'system call',
  'page fault inside copy_from_user inside a system call',
  'interrupt inside a page fault inside a system call',
  'forked user task',
  'M-mode: interrupt inside an exception in the kernel',
]);

function summary({ functions, ptRegs, stacks, end }: QemuWalk): object {
  return { functions, ptRegs, stacks: stackKinds(stacks), final: end === 'FINAL' };
}

function expected({ expect }: Situation): object {
  const { functions, ptRegs, stacks, end } = expect;
  return { functions, ptRegs, stacks, final: end === 'FINAL' };
}

describe('The situations of the sample kernel', () => {
  it('stop at the lines that they were written for', () => {
    for (const { name, break: spec, source } of situations) {
      const [file, line] = spec.split(':');
      if (file === undefined || line === undefined) continue;
      const text = readFileSync(join(sampleKernel, file), 'utf8').split('\n')[Number(line) - 1];
      assert.equal(text?.trim(), source, `${name}: ${spec}`);
    }
  });

  it('are there where tests name them', () => {
    const names = new Set(situations.map(({ name }) => name));
    assert.deepEqual(
      [...compared].filter((name) => !names.has(name)),
      [],
    );
  });

  it('have names of their own', () => {
    assert.equal(new Set(situations.map(({ name }) => name)).size, situations.length);
  });
});

describe('Frame records walked by hand with gdb on QEMU', () => {
  const walks = new Map<Situation, QemuWalk>();

  before(function () {
    const missing = missingTools();
    if (missing === undefined) return;
    this.test?.parent?.suites.forEach((suite) => (suite.title += ` (skipped: ${missing})`));
    this.skip();
  });

  for (const [boot, group] of groupByBoot(situations)) {
    it(`show the chains that situations.json gives (${boot})`, async function () {
      this.timeout(90_000);
      const found = await qemuWalks(qemuMachine(group[0]!), group);
      found.forEach((walk, i) => walks.set(group[i]!, walk));
      for (const situation of group) {
        assert.deepEqual(summary(walks.get(situation)!), expected(situation), situation.name);
      }
    });
  }

  describe('agree with our unwinder on our machine', () => {
    let cli: BuiltCli;
    before(async () => {
      cli = await BuiltCli.build();
    });
    after(() => cli.remove());

    for (const situation of situations) {
      if (!compared.has(situation.name)) continue;
      it(situation.name, async function () {
        this.timeout(40_000);
        const qemu = walks.get(situation);
        if (qemu === undefined) return this.skip();
        const ours = await ourWalk(cli, situation);
        assert.deepEqual(
          ours.frames.map(({ symbol }) => symbol),
          qemu.functions,
        );
        assert.equal(ours.frames.filter(({ mark }) => mark === 'P').length, qemu.ptRegs);
        assert.deepEqual(stackKinds(ours.frames.map(({ stack }) => stack)), stackKinds(qemu.stacks));
        assert.equal(ours.end.kind === 'final', qemu.end === 'FINAL', ours.end.reason);
        if (situation.expect.rule !== undefined) assert.equal(ours.end.rule, situation.expect.rule);
        assert.equal(ours.reliable, situation.expect.reliable);
      });
    }
  });
});
