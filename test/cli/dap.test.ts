import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { BuiltCli } from '../built-cli.test-support';
import { mistake } from './in-process.test-support';

describe('dap', () => {
  let cli: BuiltCli;
  before(async () => {
    cli = await BuiltCli.build();
  });
  after(() => cli.remove());

  const initialize = JSON.stringify({
    seq: 1,
    type: 'request',
    command: 'initialize',
    arguments: { adapterID: 'riscv-unwind' },
  });
  const message = `Content-Length: ${initialize.length}\r\n\r\n${initialize}`;

  /** Reads until the stream has a match. */
  function read(stream: Readable, pattern: RegExp): Promise<RegExpExecArray> {
    let text = '';
    return new Promise((resolve, reject) => {
      stream.on('data', (data: Buffer) => {
        text += data.toString();
        const match = pattern.exec(text);
        if (match) resolve(match);
      });
      stream.on('end', () => reject(new Error(`ended: ${text}`)));
    });
  }

  it('answers on stdio and ends with it', async () => {
    const child = cli.start(['dap']);
    const closed = new Promise((resolve) => child.on('close', resolve));
    child.stdin.write(message);
    await read(
      child.stdout,
      /"command":"initialize".*"success":true|"success":true.*"command":"initialize"/s,
    );
    child.stdin.end();
    assert.equal(await closed, 0);
  });

  it('answers on a port of its own choice, each connection for itself', async () => {
    const child = cli.start(['dap', '--port', '0']);
    try {
      const [, port] = await read(child.stderr, /Listening on 127\.0\.0\.1:(\d+)/);
      for (let session = 0; session < 2; session++) {
        const socket = connect(Number(port), '127.0.0.1');
        socket.write(message);
        await read(socket, /"success":true/);
        socket.destroy();
      }
      const inUse = await cli.run(['dap', '--port', port!]);
      assert.equal(inUse.status, 2);
      assert.match(inUse.stderr, /it is in use/);
    } finally {
      child.kill();
    }
  });

  it('refuses a port that there cannot be', async () => {
    assert.match(await mistake(['dap', '--port', '70000']), /up to 65535/);
  });
});
