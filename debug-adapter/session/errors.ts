/**
 * Every error that a person can meet in a debug session, made in one place: a sentence that says what is wrong and what
 * to do. Other layers throw `UserError` or `ProgramError`, whose messages are such sentences already.
 */
import { UserError } from '../debugger/api';
import { ProgramError } from '../symbols/api';

/** What an error response carries (DAP `Message`). */
interface ErrorMessage {
  readonly id: number;
  readonly format: string;
  readonly showUser: boolean;
}

/** Thrown by a request's handler to fail that request. `showUser` false keeps it out of the user's face. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly id: number;
  readonly showUser: boolean;

  constructor(id: number, message: string, showUser = true) {
    super(message);
    this.id = id;
    this.showUser = showUser;
  }
}

/** Whatever a handler threw, as the client gets it. */
export function errorMessage(command: string, error: unknown): ErrorMessage {
  if (error instanceof RequestError) {
    return { id: error.id, format: error.message, showUser: error.showUser };
  }
  if (error instanceof UserError || error instanceof ProgramError) {
    return { id: 1000, format: error.message, showUser: true };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return {
    id: 1001,
    format: `The debugger failed in '${command}': ${reason}. This is a defect of RISC-V Unwind; please report it.`,
    showUser: true,
  };
}

// Protocol

export const unknownCommand = (command: string): RequestError =>
  new RequestError(1100, `The request '${command}' is not one that RISC-V Unwind answers.`, false);

export const badArgument = (command: string, name: string, expected: string): RequestError =>
  new RequestError(1103, `The request '${command}' needs "${name}", ${expected}.`, false);

export const notAnswered = (command: string): RequestError =>
  new RequestError(
    1104,
    `The request '${command}' found no answer in time: a file or a folder that it needs may be on a disk that does not answer. Try again, or start the session anew.`,
  );

export const unsupportedPathFormat = (format: string): RequestError =>
  new RequestError(1101, `Paths must be sent as 'path' or 'uri', not as '${format}'.`);

export const attachIsNotOffered = (): RequestError =>
  new RequestError(
    1102,
    'RISC-V Unwind starts its own machine and cannot attach to another. Use "request": "launch" in launch.json.',
  );

// Life of a session

export const notLaunched = (): RequestError =>
  new RequestError(1200, 'No program is loaded yet. Start a launch configuration first.', false);

export const alreadyLaunched = (): RequestError =>
  new RequestError(1201, 'A program is loaded already. Use Restart, or stop this session and start another.');

export const sessionEnded = (): RequestError =>
  new RequestError(1202, 'The debug session has ended. Start it again to go on.', false);

export const machineRuns = (what: string): RequestError =>
  new RequestError(1203, `The machine is running. Pause it first to ${what}.`, false);

export const machineExited = (): RequestError =>
  new RequestError(1204, 'The machine has powered off. Restart it to go on.');

// Launch configuration

/** `hints`: what is there instead. */
export const missingProgram = (hints: readonly string[]): RequestError =>
  new RequestError(
    1300,
    [
      'The launch configuration has no "program". Set it to the kernel\'s ELF file, e.g. "${workspaceFolder}/vmlinux".',
      ...hints,
    ].join(' '),
  );

export const badOption = (name: string, value: unknown, expected: string): RequestError =>
  new RequestError(
    1301,
    `"${name}" is ${describe(value)}, but must be ${expected}. Change it in launch.json.`,
  );

// Ids that the client got from an earlier stop

export const unknownThread = (id: unknown): RequestError =>
  new RequestError(
    1400,
    `There is no thread ${describe(id)}: threads are the machine's harts, numbered from 1, and the tasks that wait now.`,
  );

export const taskWaits = (task: string): RequestError =>
  new RequestError(
    1403,
    `${task} runs on no CPU now, so there is nothing to step. Select a CPU in the Call Stack view, or set a breakpoint where the task goes on.`,
  );

export const staleStepTarget = (): RequestError =>
  new RequestError(1404, 'There is no such call on this line any more. Ask for the step targets again.');

export const staleFrame = (): RequestError =>
  new RequestError(
    1401,
    'This stack frame belongs to an earlier stop. Select a frame of the Call Stack again.',
    false,
  );

export const staleVariables = (): RequestError =>
  new RequestError(1402, 'These variables belong to an earlier stop. Expand them again.', false);

// Values

export const unknownVariable = (name: string): RequestError =>
  new RequestError(1500, `There is no variable '${name}' here.`);

export const notWritable = (name: string, reason: string): RequestError =>
  new RequestError(1501, `'${name}' cannot be changed: ${reason}.`);

export const badValue = (text: string, reason: string): RequestError =>
  new RequestError(1502, `'${text}' is not a value that can be written here: ${reason}.`);

export const badExpression = (reason: string): RequestError => new RequestError(1503, reason, false);

// Places

export const noSuchPlace = (reason: string): RequestError => new RequestError(1800, reason);

export const cannotJump = (reason: string): RequestError => new RequestError(1801, reason);

export const noSuchBreakpoint = (id: string): RequestError =>
  new RequestError(1802, `There is no breakpoint ${id}: 'info breakpoints' lists them.`, false);

// Memory and sources

export const badMemoryReference = (reference: unknown): RequestError =>
  new RequestError(
    1600,
    `${describe(reference)} is not an address. Use hexadecimal, e.g. 0xffffffff80000000.`,
  );

export const notWritableMemory = (address: string): RequestError =>
  new RequestError(1601, `The memory at ${address} cannot be written: it is not mapped, or not RAM.`);

export const badMemoryData = (): RequestError =>
  new RequestError(1602, 'The data to write is not valid base64.');

export const tooMuchConsoleInput = (): RequestError =>
  new RequestError(1604, 'That is more console input than one request may carry (1 MiB): send it in pieces.');

export const unknownSource = (): RequestError =>
  new RequestError(
    1603,
    'This source belongs to an earlier session. Open it from the Call Stack again.',
    false,
  );

// Traps

export const noTrapYet = (hart: number): RequestError =>
  new RequestError(1700, `Hart ${hart} has not taken a trap yet, so there is no exception to show.`);

function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  return value === undefined ? 'missing' : JSON.stringify(value);
}
