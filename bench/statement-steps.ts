/** Steps over and into lines of C, with functions inlined in them, as a client does them: it asks for the call stack after each. */
import { performance } from 'node:perf_hooks';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { DapClient } from '../test/dap/dap-client.test-support';

/** Steps from one place of one kind. */
const STEPS = 40;
/** What a step runs over takes what it takes, and an idle guest its time: with more ticks than these, a thousand instructions, it is not measured. */
const FEW_TICKS = 50;

export interface StatementSteps {
  /** Milliseconds from the request to `stopped`. */
  readonly over: readonly number[];
  readonly into: readonly number[];
}

/** @param places functions to step through, from their first stop on */
export async function measureStatementSteps(
  script: string,
  launch: Readonly<Record<string, unknown>>,
  places: readonly string[],
): Promise<StatementSteps> {
  const over: number[] = [];
  const into: number[] = [];
  for (const place of places) {
    over.push(...(await stepsFrom(script, launch, place, 'next')));
    into.push(...(await stepsFrom(script, launch, place, 'stepIn')));
  }
  return { over, into };
}

async function stepsFrom(
  script: string,
  launch: Readonly<Record<string, unknown>>,
  name: string,
  command: 'next' | 'stepIn',
): Promise<readonly number[]> {
  const client = DapClient.process(script);
  const times: number[] = [];
  try {
    await client.launch({ ...launch }, () =>
      client.send('setFunctionBreakpoints', { breakpoints: [{ name }] }),
    );
    let { threadId = 1 } = await client.stopped();
    await client.send('setFunctionBreakpoints', { breakpoints: [] });
    for (let step = 0; step < STEPS; step++) {
      await client.send('stackTrace', { threadId, levels: 20 });
      const before = await ticks(client);
      const start = performance.now();
      const end = client
        .event('stopped', 'terminated')
        .then((event) => ({ event, time: performance.now() - start }));
      await client.send(command, { threadId, granularity: 'statement' });
      const { event, time } = await end;
      if (event.event === 'terminated') break;
      threadId = (event.body as Dap.StoppedEvent['body']).threadId ?? threadId;
      if ((await ticks(client)) - before < FEW_TICKS) times.push(time);
    }
  } finally {
    client.close();
  }
  return times;
}

/** Of virtual time. */
async function ticks(client: DapClient): Promise<number> {
  const { result } = await client.send('evaluate', { expression: '$time', context: 'watch' });
  return Number(/^\S+/.exec(result)?.[0]);
}
