/**
 * The call stacks of all situations of the sample kernel as a client of the built adapter sees them. Situations of one
 * machine come from one run of it; each has a breakpoint of its own with a hit count.
 */
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { assertGolden, goldenName } from '../golden';
import { elfPath, loadSituations, sampleKernel, type Situation } from '../qemu/situations';
import { buildAdapter, type BuiltAdapter } from './built-adapter.test-support';
import { DapClient } from './dap-client.test-support';

/** More than any situation needs; a situation that is never reached ends the run here. */
const maxInstructions = 200_000_000;

/** What the client saw when a situation's breakpoint stopped the machine. */
interface Observed {
  readonly thread: string;
  /** As they are shown by default, with R11. */
  readonly frames: readonly Dap.StackFrame[];
  /** By the kernel's own rules, as QEMU and gdb see them (test/qemu). */
  readonly strict: readonly Dap.StackFrame[];
  readonly walk: ReadonlyMap<string, string>;
  /** Of the task that the situation is about, if it is one that waits. */
  readonly waiting: string | undefined;
}

type Machine = Pick<Situation, 'elf' | 'firmware' | 'smp' | 'append'>;

const machineOf = ({ elf, firmware, smp, append }: Situation): Machine => ({ elf, firmware, smp, append });

const machines = new Map<string, Situation[]>();
for (const situation of loadSituations()) {
  const key = JSON.stringify(machineOf(situation));
  machines.set(key, [...(machines.get(key) ?? []), situation]);
}

describe('call stacks through the built adapter', function () {
  this.timeout(60_000);
  let adapter: BuiltAdapter;
  before(async () => (adapter = await buildAdapter()));
  after(() => adapter.remove());

  for (const situations of machines.values()) {
    const { elf, firmware, smp, append } = machineOf(situations[0]!);
    describe(`${elf} on ${smp} hart${smp > 1 ? 's' : ''}${append === '' ? '' : ` with "${append}"`}`, () => {
      let observed: ReadonlyMap<string, Observed>;
      before(async () => {
        const client = DapClient.process(adapter.script);
        try {
          observed = await observe(client, situations, { elf, firmware, smp, append });
        } finally {
          client.close();
        }
      });

      for (const situation of situations) {
        it(situation.name, () => {
          const seen = observed.get(situation.name);
          assert.ok(seen, `${situation.break} was not hit ${situation.hit} times`);
          assertGolden(`dap/${goldenName(situation.name)}`, describeStack(situation, seen));
          if (situation.task === undefined) checkExpectation(situation, seen);
        });
      }
    });
  }
});

async function observe(
  client: DapClient,
  situations: readonly Situation[],
  { elf, ...machine }: Machine,
): Promise<ReadonlyMap<string, Observed>> {
  const observed = new Map<string, Observed>();
  const byId = new Map<number, Situation>();
  const program = elfPath(situations[0]!);
  await client.launch({ program, ...machine, sourceFolders: [sampleKernel], maxInstructions }, async () => {
    const { breakpoints } = await client.send('setFunctionBreakpoints', {
      breakpoints: situations.map(({ break: name, hit }) => ({ name, hitCondition: `${hit}` })),
    });
    breakpoints.forEach(({ verified, message, id }, i) => {
      assert.ok(verified, `${elf}: ${message}`);
      byId.set(id!, situations[i]!);
    });
  });
  while (observed.size < situations.length) {
    const stop = await client.stopped();
    const hit = (stop.hitBreakpointIds ?? []).map((id) => byId.get(id)!);
    if (hit.length === 0) break;
    for (const situation of hit) observed.set(situation.name, await look(client, stop.threadId!, situation));
    await client.send('continue', { threadId: stop.threadId! });
  }
  return observed;
}

async function look(client: DapClient, threadId: number, { task }: Situation): Promise<Observed> {
  const { threads } = await client.send('threads');
  const { stackFrames: frames } = await client.send('stackTrace', { threadId });
  const { scopes } = await client.send('scopes', { frameId: frames[0]!.id });
  const frame = await children(client, scopes.find(({ name }) => name === 'Frame')!.variablesReference);
  const walk = await children(client, frame.find(({ name }) => name === 'walk')!.variablesReference);
  await client.send('riscvUnwind/walk', { walk: 'metadata' });
  const { stackFrames: strict } = await client.send('stackTrace', { threadId });
  await client.send('riscvUnwind/walk', { walk: 'default' });
  return {
    thread: threads.find(({ id }) => id === threadId)!.name,
    frames,
    strict,
    walk: new Map(walk.map(({ name, value }) => [name, value])),
    waiting: task === undefined ? undefined : await waitingStack(client, task),
  };
}

async function children(client: DapClient, variablesReference: number): Promise<readonly Dap.Variable[]> {
  return (await client.send('variables', { variablesReference })).variables;
}

/** As the debug console shows it. */
async function waitingStack(client: DapClient, comm: string): Promise<string> {
  const evaluate = async (expression: string): Promise<string> =>
    (await client.send('evaluate', { expression, context: 'repl' })).result;
  const tasks = (await evaluate('info tasks')).split('\n').map((line) => line.trim().split(/\s+/));
  const pid = tasks.find((fields) => fields[1] === comm)![0]!;
  return evaluate(`bt ${pid}`);
}

function describeStack(situation: Situation, { thread, frames, walk, waiting }: Observed): string {
  const title = [`${situation.name}: ${situation.elf}, stopped at ${situation.break}`, thread, ''];
  if (waiting !== undefined) return [...title, `task ${situation.task} waits:`, waiting].join('\n');
  const rows = frames.map((frame) => {
    if (frame.presentationHint === 'label') return frame.name;
    const place = frame.source ? `  ${basename(frame.source.path ?? frame.source.name!)}:${frame.line}` : '';
    return `  ${frame.name}${place}`;
  });
  return [...title, ...rows, '', `reliable: ${walk.get('reliable')}`].join('\n');
}

const stackNames: Readonly<Record<string, string>> = {
  task: 'task stack',
  irq: 'IRQ stack',
  overflow: 'overflow stack',
};

/** What `situations.json` says, which QEMU and gdb agree with (test/qemu). */
function checkExpectation({ expect }: Situation, { strict, walk }: Observed): void {
  // User code comes after the kernel's end.
  const frames = strict.slice(0, 1 + strict.findLastIndex((frame) => frame.presentationHint === 'label'));
  // The walk has no frames for what the compiler has inlined.
  const shown = frames.filter(
    ({ name, presentationHint }) => presentationHint !== 'label' && !name.endsWith(' (inlined)'),
  );
  assert.deepEqual(
    shown.map((frame) => frame.name.replace(/[+ ].*$/, '')),
    expect.functions,
  );
  assert.equal(shown.filter((frame) => frame.name.endsWith('(P)')).length, expect.ptRegs);
  assert.deepEqual(
    frames.map(({ name }) => name).filter((name) => name.includes('→')),
    expect.stacks.slice(1).map((kind, i) => `── ${stackNames[expect.stacks[i]!]} → ${stackNames[kind]} ──`),
  );
  assert.equal(walk.get('reliable')!.startsWith('true'), expect.reliable);
  // The last row is the verdict.
  assert.equal(frames.at(-2)!.name.startsWith('FINAL'), expect.end === 'FINAL');
}
