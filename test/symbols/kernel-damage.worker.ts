/**
 * Debugs damaged kernels, one after the other, in a thread that can be ended: `workerData` has the path of the kernel and the
 * seeds of the damage. Tells what it begins and how that ended.
 */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import { UserError, type Debuggee, type FileSystem } from '../../debug-adapter/debugger/api';
import { callStack } from '../../debug-adapter/debugger/call-stack';
import { describeHart } from '../../debug-adapter/debugger/threads';
import { launch } from '../../debug-adapter/debugger/launch';
import { resolveAddress, resolveLine, resolveSpec } from '../../debug-adapter/debugger/resolve';
import { KernelDamage } from './kernel-damage.test-support';

export interface DamageWork {
  readonly kernel: string;
  readonly sources: string;
  readonly seeds: readonly number[];
}

export type DamageReport =
  | { readonly kind: 'begin'; readonly seed: number; readonly description: string }
  | { readonly kind: 'end'; readonly outcome: 'refused' | 'read'; readonly arrayBuffers: number };

/** What people break on: code of assembly and C, init text, a label that is dropped, a line of a header. */
const specs = [
  'handle_exception',
  'do_page_fault',
  'start_kernel+0x0',
  '.Lsecondary_park',
  'no_such_function',
  'head.S:300',
  'main.c:1118',
  'list.h:100',
];
const structures = ['pt_regs', 'task_struct', 'thread_union', 'no_such_structure'];
const memory = '64M';
const maxInstructions = 50_000;

/** Does what a session does with a kernel; `refused` if the launch says that it cannot be used. */
async function debug(bytes: Uint8Array, { sources }: DamageWork): Promise<'refused' | 'read'> {
  const node = createNodeFiles();
  const program = '/damaged/vmlinux';
  const files: FileSystem = {
    kind: (path) => (path === program ? Promise.resolve('file') : node.kind(path)),
    readFile: (path) => (path === program ? Promise.resolve(bytes) : node.readFile(path)),
    open: (path, write) => (path === program ? Promise.resolve(undefined) : node.open(path, write)),
    resolve: (path) => node.resolve(path),
    findByName: () => Promise.resolve([]),
  };
  const sourceFileMap = { '/usr/src/linux-7.3': sources };
  let debuggee: Debuggee;
  try {
    debuggee = await launch({ program, memory, maxInstructions, sourceFileMap }, files);
  } catch (error) {
    if (error instanceof UserError) return 'refused';
    throw error;
  }
  const { target, program: symbols } = debuggee;
  for (const spec of specs) {
    const resolution = await resolveSpec(debuggee, spec);
    if (resolution.kind === 'resolved') target.setBreakpoints(resolution.armed);
  }
  await resolveLine(debuggee, `${sources}/arch/riscv/kernel/entry.S`, 120);
  resolveAddress(debuggee, symbols.entry);
  for (const name of structures) {
    const members = symbols.types.struct(name)?.members;
    members?.get('thread.s');
    if (name !== 'task_struct') Array.from(members ?? []);
  }
  symbols.types.enumerator('SYSTEM_RUNNING');
  for (let offset = 0n; offset < 0x10_0000n; offset += 0x1000n)
    symbols.callFrames?.at(symbols.entry + offset);
  await target.run({ kind: 'continue' });
  const hart = target.harts[0]!;
  callStack(debuggee, hart);
  describeHart(debuggee, hart);
  return 'read';
}

async function main(): Promise<void> {
  const work = workerData as DamageWork;
  const damage = new KernelDamage(new Uint8Array(readFileSync(work.kernel)));
  const report = (message: DamageReport) => parentPort!.postMessage(message);
  const before = process.memoryUsage().arrayBuffers;
  for (const seed of work.seeds) {
    const { description, bytes, mend } = damage.make(seed);
    report({ kind: 'begin', seed, description });
    const outcome = await debug(bytes, work);
    report({ kind: 'end', outcome, arrayBuffers: process.memoryUsage().arrayBuffers - before });
    mend();
  }
}

void main();
