import assert from 'node:assert/strict';
import { readLogMessage } from './log-message';
import { sampleProgram } from './sample-program.test-support';

describe('a log message', () => {
  const debuggee = sampleProgram();
  const hart = debuggee.target.harts[0]!;
  hart.setX(10, 0xfffffffffffffffbn);
  hart.setX(11, 65n);

  const read = (text: string) => readLogMessage(text, debuggee);
  const format = (text: string): string => {
    const message = read(text);
    assert.ok(message.ok, message.ok ? '' : message.message);
    return message.format(hart);
  };

  it('has its expressions replaced', () => {
    assert.equal(format('a1={a1}, sum={ a1 + 1 }'), 'a1=0x41, sum=0x42');
    assert.equal(format('plain'), 'plain');
  });

  it('writes values in the format that is asked for', () => {
    assert.equal(format('{a0,d} {a1,u} {a1, x} {a1,o} {a1,b} {a1,c}'), '-5 65 0x41 0101 0b1000001 "A"');
    assert.match(format('{handle_exception + 4,a}'), /^handle_exception\+0x4\/0x[0-9a-f]+$/);
  });

  it('writes text at an address, or that there is none', () => {
    assert.equal(format('{0,s}'), '<memory at 0x0 cannot be read>');
  });

  it('writes escaped and doubled braces as one, and single ones as they are', () => {
    assert.equal(format(String.raw`\{a0\} {{a0}} {a0`), '{a0} {a0} {a0');
    assert.equal(format('{} }'), '{} }');
  });

  it('has why there is no value in its place', () => {
    assert.match(format('{nosuch}'), /^<"nosuch" is neither .*>$/);
  });

  it('is refused with an expression that is none, or a format that there is not', () => {
    const refused = (text: string): string => {
      const message = read(text);
      assert.ok(!message.ok);
      return message.message;
    };
    assert.match(refused('x {a0 +}'), /^The log message has '\{a0 \+\}' in it: Something is missing/);
    assert.match(refused('{a0,q}'), /There is no format 'q': the formats are x, d,/);
  });

  it('has the call stack below it, as many rows as are asked for, the task and the time', () => {
    assert.match(format('here: {$bt}'), /^here: \n {2}\S+.*\n[^]*\n/);
    assert.equal(format('{$bt 1}').split('\n').length, 2);
    assert.match(format('{$task} {$time}'), /^(no task|\S+ \[\S+\]) <no time>$/);
  });
});
