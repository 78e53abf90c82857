/**
 * A log point's message: text with expressions in braces, `a0 is {a0} {sp,x}`, read once to be written often. `\{` and `\}`, as well
 * as `{{` and `}}`, stand for one brace. Besides expressions there are `{$bt}`, `{$bt 5}`, `{$time}` and `{$task}`.
 */
import { TICKS_PER_SECOND, type TargetHart } from '../target/target';
import type { Debuggee } from './api';
import { callStack } from './call-stack';
import { compile } from './expressions';
import { stackLines } from './stack-text';
import { describeCurrentTask } from './threads';
import { formatLetters, valueFormat } from './value-format';

export interface LogMessage {
  readonly ok: true;
  /** What is written where this hart stands. Never throws: why an expression has no value stands in its place. */
  format(hart: TargetHart): string;
}

/** The message is a sentence that says which expression is none, and why. */
interface NoLogMessage {
  readonly ok: false;
  readonly message: string;
}

type Part = string | ((hart: TargetHart) => string);

/** Unprivileged timer CSR (unpriv 20240411 §7.1). */
const timeCsr = 0xc01;

/** 1. What is in braces. */
const pattern = /\\[{}]|\{\{|\}\}|\{([^{}]+)\}/g;

/** The texts in braces, of which not all need to be expressions. */
export function expressionsIn(text: string): readonly string[] {
  return [...text.matchAll(pattern)].flatMap(([, body]) => body ?? []);
}

export function readLogMessage(text: string, debuggee: Debuggee): LogMessage | NoLogMessage {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(end, match.index));
    const part = match[1] === undefined ? match[0].at(-1)! : valuePart(match[1].trim(), debuggee);
    if (typeof part === 'object') {
      return { ok: false, message: `The log message has '${match[0]}' in it: ${part.mistake}` };
    }
    parts.push(part);
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  return {
    ok: true,
    format: (hart) => parts.map((part) => (typeof part === 'string' ? part : part(hart))).join(''),
  };
}

function valuePart(text: string, debuggee: Debuggee): Part | { readonly mistake: string } {
  const stack = /^\$bt(?:\s+(\d{1,4}))?$/.exec(text);
  if (stack) {
    const frames = stack[1] === undefined ? undefined : Number(stack[1]);
    return (hart) => `\n${stackLines(callStack(debuggee, hart), frames).join('\n')}`;
  }
  if (text === '$time') return guestTime;
  if (text === '$task') return (hart) => describeCurrentTask(debuggee, hart);
  return expressionPart(text, debuggee);
}

function expressionPart(text: string, debuggee: Debuggee): Part | { readonly mistake: string } {
  // A comma in parentheses belongs to a call.
  const [, body, letter] = /^(.*),\s*([a-z])$/s.exec(text) ?? [undefined, text, undefined];
  const write = letter === undefined ? undefined : valueFormat(letter);
  if (letter !== undefined && !write) {
    return { mistake: `There is no format '${letter}': the formats are ${formatLetters}.` };
  }
  const expression = compile(body, debuggee);
  if (!expression.ok) return { mistake: expression.message };
  return (hart) => {
    const value = expression.evaluate(hart);
    if (!value.ok) return `<${value.message}>`;
    if (!write) return value.text();
    return value.bits === undefined ? `<${body} is no number>` : write(value.bits, hart, debuggee);
  };
}

/** Seconds and microseconds since power-on, as the kernel's own log has them. */
function guestTime(hart: TargetHart): string {
  const ticks = hart.getCsr(timeCsr);
  return ticks === undefined ? '<no time>' : (Number(ticks) / TICKS_PER_SECOND).toFixed(6);
}
