import assert from 'node:assert/strict';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { hostScheduler } from '../../target/scheduler';
import { Deadlines } from './deadline';
import { Dispatcher } from './dispatcher';
import type { Handlers } from './requests';

const never = new Promise<never>(() => undefined);

describe('requests that find no answer', () => {
  let responses: Dap.Response[];
  let isBusy: boolean;
  let dispatcher: Dispatcher;

  beforeEach(() => {
    responses = [];
    isBusy = false;
    const handlers = {
      modules: () => never,
      threads: () => Promise.resolve({ threads: [] }),
      disconnect: () => Promise.resolve(undefined),
    } as unknown as Handlers;
    dispatcher = new Dispatcher(
      handlers,
      (response) => responses.push(response),
      (error) => assert.fail(String(error)),
      new Deadlines(hostScheduler(), () => isBusy, 30),
    );
  });

  const request = (seq: number, command: string) => dispatcher.dispatch({ seq, type: 'request', command });
  const answers = () => responses.map(({ command, success }) => `${command} ${success}`);

  it('fail with a reason, and those behind them are answered', async () => {
    void request(1, 'modules');
    await request(2, 'threads');
    assert.deepEqual(answers(), ['modules false', 'threads true']);
    assert.match(responses[0]!.message!, /^The request 'modules' found no answer in time: .* Try again/);
  });

  it('may take as long as they show what they do', async () => {
    isBusy = true;
    const answered = request(1, 'modules');
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(answers(), []);
    isBusy = false;
    await answered;
    assert.deepEqual(answers(), ['modules false']);
  });

  it('do not keep a session from ending', async () => {
    let isOver = false;
    isBusy = true;
    const stuck = request(1, 'modules');
    await request(2, 'disconnect');
    dispatcher.afterResponse(() => (isOver = true));
    assert.equal(isOver, false);
    dispatcher.end();
    await stuck;
    assert.deepEqual(answers(), ['disconnect true', 'modules false']);
    assert.equal(isOver, true);
  });
});
