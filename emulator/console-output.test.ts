import assert from 'node:assert/strict';
import { ConsoleOutput } from './console-output';

describe('console output', () => {
  it('comes in one piece when it is flushed, and in order when it is long', () => {
    const pieces: Uint8Array[] = [];
    const output = new ConsoleOutput();
    output.listener = (bytes) => pieces.push(bytes);
    output.write(Buffer.from('hello '));
    output.writeByte(0x21);
    assert.equal(pieces.length, 0);
    output.flush();
    output.flush();
    assert.deepEqual(
      pieces.map((piece) => Buffer.from(piece).toString()),
      ['hello !'],
    );
    const long = Uint8Array.from({ length: 10_000 }, (_, index) => index);
    output.write(long);
    output.flush();
    assert.deepEqual(Buffer.concat(pieces.slice(1)), Buffer.from(long));
  });
});
