import assert from 'node:assert/strict';
import { ConsoleText } from './console-text';

describe("the console's text", () => {
  it('starts each line at the left, whether or not the guest sends carriage returns', () => {
    const text = new ConsoleText();
    assert.equal(text.append('a\nb\r\nc'), 'a\r\nb\r\nc');
  });

  it('knows a line end that arrives in two pieces', () => {
    const text = new ConsoleText();
    assert.equal(text.append('a\r') + text.append('\nb'), 'a\r\nb');
  });

  it('puts notes on a line of their own', () => {
    const text = new ConsoleText();
    text.append('login: ');
    text.note('ended');
    assert.equal(text.transcript, 'login: \r\n\x1b[0;2m── ended ──\x1b[0m\r\n');
  });

  it('keeps the last lines, whole, for a terminal that is opened later', () => {
    const text = new ConsoleText();
    for (let i = 0; i < 100_000; i++) text.append(`line ${i}\n`);
    assert.ok(text.transcript.length <= 256 * 1024);
    assert.match(text.transcript, /^line \d+\r\n/);
    assert.ok(text.transcript.endsWith('line 99999\r\n'));
  });

  it('forgets the beginning of an endless line', () => {
    const text = new ConsoleText();
    for (let i = 0; i < 1000; i++) text.append('.'.repeat(1000));
    assert.ok(text.transcript.length <= 256 * 1024);
    assert.ok(text.transcript.length > 0);
  });
});
