import assert from 'node:assert/strict';
import { LogMessage } from './log-message';

describe('a log message', () => {
  const format = (text: string): string => LogMessage.parse(text).format((expression) => `<${expression}>`);

  it('has its expressions replaced', () => {
    assert.equal(format('a0={a0}, sum={ a0 + a1 }'), 'a0=<a0>, sum=<a0 + a1>');
    assert.equal(format('{pc}'), '<pc>');
    assert.equal(format('plain'), 'plain');
  });

  it('writes doubled braces as one, and single ones as they are', () => {
    assert.equal(format('{{a0}} {a0'), '{a0} {a0');
    assert.equal(format('{} }'), '{} }');
  });
});
