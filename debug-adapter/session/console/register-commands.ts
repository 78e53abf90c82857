/** Commands of the debug console that print registers, and values in a format. */
import { describeWord } from '../../debugger/symbolic';
import { csrNamed, registerIndex } from '../../debugger/registers';
import type { CsrDescription } from '../../target/target';
import { hex } from '../../unwind/hex';
import { badExpression } from '../errors';
import type { SelectedFrame } from '../call-stacks';
import type { SessionState } from '../state';
import { describeCsr } from '../variables/csr-variables';
import { fieldPlace, fieldText } from '../variables/csr-fields';
import { describeFloat } from '../variables/float-variables';
import { isLive, pcOf, registerIn } from '../variables/frame-registers';
import type { HartCommand } from './hart-commands';

export const registerCommands: readonly HartCommand[] = [
  {
    names: ['info registers', 'info reg'],
    usage: 'info registers [NAME…]',
    help: 'the integer registers of the frame, or those named; * marks what has changed since the stop before',
    run: (args, frame, state) => table(args === '' ? integerNames(state) : args.split(' '), frame(), state),
  },
  {
    names: ['info all-registers'],
    usage: 'info all-registers',
    help: 'integer and float registers and CSRs',
    run: (_args, frame, state) =>
      table([...integerNames(state), ...floatNames(state), ...csrNames(frame(), state)], frame(), state),
  },
  {
    names: ['info float'],
    usage: 'info float',
    help: 'the float registers as numbers and as bits',
    run: (_args, frame, state) => table(floatNames(state), frame(), state),
  },
  {
    names: ['info csr'],
    usage: 'info csr [NAME]',
    help: 'all CSRs, or one with its fields',
    run(args, frameOf, state) {
      const frame = frameOf();
      return args === '' ? table(csrNames(frame, state), frame, state) : csrText(args, frame, state);
    },
  },
];

const all = Array.from({ length: 32 }, (_, index) => index);

const integerNames = ({ debuggee: { target } }: SessionState): string[] => [
  'pc',
  ...all.slice(1).map((index) => target.registerName(index)),
];

const floatNames = ({ debuggee: { target } }: SessionState): string[] =>
  all.map((index) => target.floatRegisterName(index));

const csrNames = ({ hart }: SelectedFrame, { debuggee }: SessionState): string[] =>
  debuggee.target.csrs.filter(({ address }) => hart.getCsr(address) !== undefined).map(({ name }) => name);

/** One row for each register. */
function table(names: readonly string[], frame: SelectedFrame, state: SessionState): string {
  const rows = names.map((name) => row(name, frame, state));
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, mark, value]) => `${mark}${name.padEnd(width)}  ${value}`).join('\n');
}

/** Name, mark and value. What an outer frame has is no history of its hart, and bears no mark. */
function row(
  given: string,
  frame: SelectedFrame,
  state: SessionState,
): readonly [name: string, mark: string, value: string] {
  const { debuggee, registerHistory } = state;
  const { target } = debuggee;
  const { hart } = frame;
  const name = given.replace(/^\$/, '');
  const mark = (key: string, value: bigint | undefined): string =>
    registerHistory.changed(hart, key, value) ? '* ' : '  ';
  const index = registerIndex(name, (i) => target.registerName(i));
  if (name === 'pc' || index !== undefined) {
    const value = index === undefined ? pcOf(frame) : registerIn(frame, index);
    const shown = value === undefined ? '<not known in this frame>' : describeWord(value, hart, debuggee);
    const key = index === undefined ? 'pc' : `x${index}`;
    return [name, isLive(frame) ? mark(key, value) : '  ', shown];
  }
  const float = all.find((i) => target.floatRegisterName(i) === name || `f${i}` === name);
  if (float !== undefined) {
    const bits = hart.getF(float);
    return [name, mark(`f${float}`, bits), bits === undefined ? '<this hart has none>' : describeFloat(bits)];
  }
  const csr = namedCsr(name, frame, state);
  const value = hart.getCsr(csr.address) ?? 0n;
  return [name, mark(csr.name, value), describeCsr(csr, value, hart, debuggee, 'symbol')];
}

function namedCsr(name: string, { hart }: SelectedFrame, { debuggee }: SessionState): CsrDescription {
  const csr = csrNamed(name, hart, debuggee.target);
  if (!csr) throw badExpression(`'${name}' is no register of this hart: 'info csr' lists its CSRs.`);
  return csr;
}

/** The register, and a row for each field from the highest bit down. */
function csrText(name: string, frame: SelectedFrame, state: SessionState): string {
  const csr = namedCsr(name.replace(/^\$/, ''), frame, state);
  const value = frame.hart.getCsr(csr.address) ?? 0n;
  const fields = [...csr.fields].sort((a, b) => b.high - a.high);
  const cells = fields.map((field) => [
    field.name,
    fieldPlace(field),
    fieldText(field, value),
    field.description,
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...cells.map((row) => row[column]!.length)));
  const lines = cells.map(
    (row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`,
  );
  return [`${csr.name} = ${hex(value)}  ${csr.description}`, ...lines].join('\n');
}
