/** `dap`: the debug adapter, for editors. */
import { createServer, type AddressInfo } from 'node:net';
import { createSession } from '../session/session';
import type { Command, Io } from './command';
import { ExitStatus } from './exit-status';
import { createNodeFiles } from './node-files';
import { numberOption, UsageError, type OptionValues } from './options';
import { UserError } from '../debugger/api';

const mostPort = 65_535;
/** Nobody outside this machine: a debug adapter reads any file its user can read. */
const host = '127.0.0.1';

export function dapCommand(io: Io): Command {
  return {
    name: 'dap',
    usage: 'dap [--port N]',
    summary: 'serve the Debug Adapter Protocol on stdio, or on a TCP port',
    details: [
      'On a port each connection is a debug session of its own, with a machine of its own; it listens on 127.0.0.1 until it is ended.',
    ],
    examples: ['dap', 'dap --port 4711'],
    options: [
      { name: 'port', value: 'N', help: 'listen on this TCP port; 0 chooses a free one and prints it' },
    ],
    operands: [],
    run: (_, values) => dap(io, values),
  };
}

async function dap(io: Io, values: OptionValues): Promise<number> {
  const port = numberOption(values, 'port');
  if (port === undefined) await serveStdio();
  else if (port <= mostPort) await serveTcp(io, port);
  else throw new UsageError(`--port needs a number up to ${mostPort}, not ${port}.`);
  return ExitStatus.success;
}

/** Serves one session; resolves when the client has closed stdin. */
export function serveStdio(): Promise<void> {
  const session = createSession(createNodeFiles());
  session.start(process.stdin, process.stdout);
  return new Promise((resolve) => {
    process.stdin.once('close', resolve);
  });
}

/** Serves a session for each connection, until the process is ended; rejects if the port cannot be had. */
function serveTcp(io: Io, port: number): Promise<void> {
  const server = createServer((socket) => {
    const session = createSession(createNodeFiles(), { server: true });
    // A client that breaks off is gone; the session hears of the stream's end.
    socket.on('error', () => socket.destroy());
    session.start(socket, socket);
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'it is in use' : error.message;
      reject(new UserError(`Port ${port} cannot be listened on (${reason}): choose another with --port.`));
    });
    server.once('close', resolve);
    server.listen(port, host, () => {
      io.error(`Listening on ${host}:${(server.address() as AddressInfo).port}`);
    });
  });
}
