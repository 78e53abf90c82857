/** `demo`: the main job without an editor. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../debugger/api';
import { callStack } from '../debugger/call-stack';
import { describeHart } from '../debugger/threads';
import { launch } from '../debugger/launch';
import { FilteredTarget } from '../debugger/filtered-target';
import { resolveSpec } from '../debugger/resolve';
import type { Command, Io } from './command';
import { situations, type Situation } from './demo-situations';
import { ExitStatus } from './exit-status';
import { wrap } from './help';
import { createNodeFiles } from './node-files';
import { renderCallStack } from './render';
import { runTo } from './run-to';
import { sourceNames } from './source-paths';
import type { Style } from './style';

const kernelFile = join('sample-kernel', 'prebuilt', 'sample-metadata.elf');
const width = 88;
/** The sample kernel is through with everything in a fraction of it. */
const maxInstructions = 200_000_000;

export function demoCommand(io: Io, style: Style): Command {
  return {
    name: 'demo',
    usage: 'demo',
    summary: 'boot the sample kernel and show its call stacks at places in head.S and entry.S',
    details: [
      'Nothing needs to be installed or built: the kernel comes along, and it runs in the built-in emulator.',
    ],
    examples: ['demo'],
    options: [],
    operands: [],
    run: () => demo(io, style),
  };
}

async function demo(io: Io, style: Style): Promise<number> {
  const kernel = findKernel();
  io.out(style.bold('RISC-V Unwind: call stacks of a kernel through its exception boundaries'));
  io.out(style.dim(`kernel: ${kernel}`));
  for (const [index, situation] of situations.entries()) {
    io.out('');
    io.out(style.bold(style.accent(`${index + 1}. ${situation.title}`)));
    for (const line of wrap(situation.lesson, width - 3)) io.out(`   ${line}`);
    io.out('');
    io.out(await show(kernel, situation, style));
  }
  io.out('');
  io.out(`Any of them again, or another place: riscv-unwind stack ${kernelFile} --break LABEL`);
  return ExitStatus.success;
}

async function show(kernel: string, situation: Situation, style: Style): Promise<string> {
  const { title, spec, hit, machine } = situation;
  const debuggee = await launch({ program: kernel, maxInstructions, ...machine }, createNodeFiles());
  const resolution = await resolveSpec(debuggee, spec);
  if (resolution.kind === 'unresolved') throw new UserError(resolution.reason);
  debuggee.target.setBreakpoints(resolution.armed);
  let hits = 0;
  const arrival = await runTo(
    new FilteredTarget(debuggee.target, ({ kind }) => kind === 'breakpoint' && ++hits === hit),
  );
  if (arrival.kind !== 'breakpoint') throw new UserError(`The sample kernel did not reach '${title}'.`);
  const hart = debuggee.target.harts[arrival.hart]!;
  const stack = callStack(debuggee, hart);
  const source = await sourceNames(debuggee, [stack], process.cwd());
  const place = `${describeHart(debuggee, hart)}, stopped at ${spec}`;
  return [`   ${place}`, renderCallStack(stack, { style, source })].join('\n');
}

/** The sample kernel lies beside the bundle's folder, in a checkout as in an installed extension. */
function findKernel(): string {
  const roots = [join(__dirname, '..'), join(__dirname, '..', '..')];
  const found = roots.map((root) => join(root, kernelFile)).find(existsSync);
  if (found === undefined) {
    throw new UserError(
      `The sample kernel is missing: ${join(roots[0]!, kernelFile)} should be there. Check the files out again.`,
    );
  }
  return found;
}
