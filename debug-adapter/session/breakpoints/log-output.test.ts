import assert from 'node:assert/strict';
import type { Resolution } from '../../debugger/api';
import type { Sources } from '../sources';
import { SessionState } from '../state';
import { LogOutput } from './log-output';

describe('what log points write', () => {
  const place = (line: number): Resolution => ({
    kind: 'resolved',
    addresses: [],
    armed: [],
    description: '',
    source: { file: 'entry.S', line, column: 0 },
  });

  function build() {
    const sent: { output: string; line?: number }[] = [];
    const timers: (() => void)[] = [];
    const logs = new LogOutput(
      new SessionState(),
      { known: (name: string) => ({ name }) } as unknown as Sources,
      {
        event: (_, body) => sent.push(body as { output: string; line?: number }),
        afterResponse: (action) => action(),
      },
      {
        now: () => 0,
        turn: () => Promise.resolve(),
        after: (_, wake) => {
          timers.push(wake);
          return () => undefined;
        },
      },
    );
    const moment = () => {
      for (const wake of timers.splice(0)) wake();
    };
    return { logs, sent, moment };
  }

  it('is gathered for a moment: messages of one place that follow each other are one event, with that place', () => {
    const { logs, sent, moment } = build();
    const [one, two] = [place(3), place(7)];
    for (const [text, from] of [
      ['a', one],
      ['b', one],
      ['c', two],
      ['d', one],
    ] as const)
      logs.write(() => text, from);
    assert.deepEqual(sent, []);
    moment();
    assert.deepEqual(
      sent.map(({ output, line }) => [output, line]),
      [
        ['a\nb\n', 3],
        ['c\n', 7],
        ['d\n', 3],
      ],
    );
  });

  it('is bounded: the rest is counted, not written, until the moment is over', () => {
    const { logs, sent, moment } = build();
    let written = 0;
    const write = () => logs.write(() => `${++written}`, place(1));
    for (let n = 0; n < 10_000; n++) write();
    moment();
    assert.equal(written, 500);
    assert.match(sent.at(-1)!.output, /^9,500 messages of log points left out here/);
    write();
    moment();
    assert.equal(sent.at(-1)!.output, '501\n');
  });

  it('is sent at once when something else is to stand behind it, without a second chance for what was left out', () => {
    const { logs, sent } = build();
    const here = place(1);
    for (let n = 0; n < 501; n++) {
      logs.write(() => 'x', here);
      if (n === 250) logs.flush();
    }
    logs.end();
    assert.deepEqual(
      sent.map(({ output }) => output.split('\n').length - 1),
      [251, 249, 1],
    );
    assert.match(sent[2]!.output, /^1 message/);
  });
});
