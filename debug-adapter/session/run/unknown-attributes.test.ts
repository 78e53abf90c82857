import assert from 'node:assert/strict';
import { unknownAttributes } from './unknown-attributes';

const known = [
  'program',
  'initrd',
  'append',
  'smp',
  'memory',
  'isa',
  'seed',
  'stopOnEntry',
  'firmware',
  'walk',
];

describe('attributes of a launch that there are not', () => {
  const told = (...names: readonly string[]) =>
    unknownAttributes(Object.fromEntries(names.map((name) => [name, 1])), known);

  it('are named with what was meant', () => {
    assert.deepEqual(told('initrb', 'program'), [
      `The launch configuration has "initrb", which means nothing here. Did you mean 'initrd'?`,
    ]);
    for (const [typed, meant] of [
      ['Program', 'program'],
      ['apend', 'append'],
      ['stoponEntry', 'stopOnEntry'],
      ['kernel', 'program'],
      ['cmdline', 'append'],
    ] as const) {
      assert.match(told(typed)[0]!, new RegExp(`"${typed}".*Did you mean '${meant}'\\?$`));
    }
  });

  it("are the client's own if they are like none, or what clients are known to send", () => {
    const clients = [
      'type',
      'request',
      'name',
      'cwd',
      'env',
      'args',
      '__sessionId',
      '__restart',
      'osx',
      'linux',
    ];
    assert.deepEqual(
      told(...clients, 'dap-server-path', 'toString', 'debuggerPort', '__configurationTarget'),
      [],
    );
  });
});
