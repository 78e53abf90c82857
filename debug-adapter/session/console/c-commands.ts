/** Commands of the debug console about C: `p/x`, `ptype`, `whatis`, `info locals`, `info args`. */
import { FrameMachine } from '../../debugger/expression/frame-machine';
import { prepareNames } from '../../debugger/expression/prepare-names';
import { helperDescriptions } from '../../debugger/expression/helpers';
import { namesAt } from '../../debugger/expression/names-at';
import { isTypeName } from '../../debugger/expression/parse-text';
import { evaluateShown, textOptions, typeAt, variableValue } from '../../debugger/expressions';
import { parseFormat } from '../../debugger/values/format';
import { fullText, resultText } from '../../debugger/values/text';
import { describeType } from '../../debugger/values/type-description';
import type { Debuggee } from '../../debugger/api';
import type { CType, CVariable } from '../../symbols/c-types';
import { attempt } from '../../symbols/expression/evaluate';
import { parseWholeType } from '../../symbols/expression/parse';
import { startsWithTypeWord } from '../../symbols/expression/type-names';
import { typeText } from '../../symbols/expression/type-text';
import { typeNamed } from '../../symbols/expression/types';
import { badExpression } from '../errors';
import type { SelectedFrame } from '../call-stacks';
import type { SessionState } from '../state';
import type { Command, CommandFamily, FrameOf } from './command';
import { standpointIn } from './expressions';

const cCommands: readonly Command[] = [
  {
    names: ['p', 'print'],
    usage: 'p/x EXPRESSION',
    help: 'a value: x d u o b c s, or /8 for a pointer to 8 elements',
  },
  { names: ['ptype'], usage: 'ptype TYPE|EXPRESSION', help: 'a type with the offsets of its members' },
  { names: ['whatis'], usage: 'whatis EXPRESSION', help: 'the type of a value, in one line' },
  { names: ['info locals'], usage: 'info locals', help: "the frame's variables, arguments left out" },
  { names: ['info args'], usage: 'info args', help: "the frame's arguments" },
];

/** What expressions are made of, for `help`. */
export function expressionHelp(): readonly string[] {
  const width = Math.max(...helperDescriptions.map(({ usage }) => usage.length));
  return [
    'Expressions are C: variables, members, *p, p->m, a[i], &x, (struct tag *)x, sizeof(type), == "text", a = b;',
    'registers (a0, $a0 where a variable has that name), CSRs (sstatus), symbols, u32[address];',
    'with a format behind a comma: x,x d u o b c s, or pointer,[8] for an array. And:',
    ...helperDescriptions.map(({ usage, help }) => `  ${usage.padEnd(width)}  ${help}`),
  ];
}

/** What comes before an expression or a type. */
const operands = /^(?:p|print|ptype|whatis)(?:\/\w+)? (?:\/o )?/;

export function cFamily(state: SessionState): CommandFamily {
  return {
    commands: cCommands,
    run: async (line, frame) => {
      if (operands.test(line) && state.isLoaded)
        await prepareNames([line.replace(operands, '')], state.debuggee);
      return runCCommand(line, () => state.debuggee, frame);
    },
  };
}

function runCCommand(line: string, debuggee: () => Debuggee, frameOf: FrameOf): string | undefined {
  // `p - 1` is about a variable p; `p *x` prints.
  const printed = /^(?:p|print)(?:\/(\w+))? (?![-+*/%&|^=<>!?]+ |->|\.|\[|==?)(.+)$/.exec(line);
  if (printed) return print(printed[1], printed[2]!, frameOf(), debuggee());
  const typed = /^(ptype|whatis)(?: ?\/o)? (.+)$/.exec(line);
  if (typed) {
    const type = typeOf(typed[2]!, frameOf(), debuggee());
    return typed[1] === 'ptype' ? describeType(type) : typeText(type);
  }
  if (line === 'info locals') return variables(frameOf(), debuggee(), ({ kind }) => kind !== 'parameter');
  if (line === 'info args') return variables(frameOf(), debuggee(), ({ kind }) => kind === 'parameter');
  return undefined;
}

function print(format: string | undefined, text: string, frame: SelectedFrame, debuggee: Debuggee): string {
  const suffix = format === undefined ? undefined : parseFormat(format);
  if (format !== undefined && !suffix)
    throw badExpression(`'/${format}' is no format: write x d u o b c s, or a number of elements.`);
  const standpoint = standpointIn(frame, debuggee);
  const shown = evaluateShown(format === undefined ? text : `${text},${format}`, standpoint, debuggee);
  if (!shown.result.ok) throw badExpression(shown.result.message);
  const options = { ...textOptions(standpoint, debuggee), ...fullText, format: shown.format.number };
  return resultText(shown.result, options);
}

/** A type by its name, or that of a value. */
function typeOf(text: string, frame: SelectedFrame, debuggee: Debuggee): CType {
  const standpoint = standpointIn(frame, debuggee);
  const names = namesAt(standpoint, debuggee);
  const written = parseWholeType(text);
  if (written && (startsWithTypeWord(text) || isTypeName(written.words, debuggee))) {
    const type = attempt(() => ({
      ok: true as const,
      type: typeNamed(written, (words) => names.type(words)),
    }));
    if (!type.ok) throw badExpression(type.message);
    return type.type;
  }
  const found = typeAt(text, standpoint, debuggee);
  if (found.ok) return found.type;
  throw badExpression(found.message);
}

function variables(
  frame: SelectedFrame,
  debuggee: Debuggee,
  wanted: (variable: CVariable) => boolean,
): string {
  const standpoint = standpointIn(frame, debuggee);
  const scope = debuggee.program.debug?.functionsAt(standpoint.frame.pc)[standpoint.inlined ?? 0];
  if (!scope) return 'The frame is of no C function that debug information describes.';
  const machine = new FrameMachine(standpoint);
  const options = textOptions(standpoint, debuggee, machine);
  const found = scope.blocks.flatMap((block) => block.variables).filter(wanted);
  if (found.length === 0) return `${scope.name} has none here.`;
  return found.map((one) => `${one.name} = ${resultText(variableValue(one, machine), options)}`).join('\n');
}
