import type { Form } from '../isa/decode';
import { findForm, instructionLength } from '../isa/decode';
import type { FieldReader } from '../isa/encoding';
import type { ExtensionSet } from '../isa/extensions';
import { isRelative } from '../isa/flow';
import { Handler, handlerOf } from '../wasm/handlers';
import { Entry, State } from '../wasm/layout';
import { PAGE_SIZE } from './guest-memory';

/** How entries are made of the bits of one form of an instruction. */
interface Template {
  readonly relative: boolean;
  readonly near: number;
  /** Handler of branches that leave the page. */
  readonly far: number;
  /** Numbers of registers. Where a result goes: whether x0 swallows it. */
  readonly rd: FieldReader;
  readonly rs1: FieldReader;
  readonly rs2: FieldReader;
  readonly discardsX0: boolean;
  readonly immediate: FieldReader;
}

const none: FieldReader = () => 0;

function makeTemplate(form: Form): Template {
  const { fields, instruction } = form;
  const relative = isRelative(instruction);
  return {
    relative,
    near: handlerOf(form, false),
    far: relative ? handlerOf(form, true) : 0,
    rd: fields.get('frd') ?? fields.get('rd') ?? none,
    rs1: fields.get('frs1') ?? fields.get('rs1') ?? none,
    rs2: fields.get('frs2') ?? fields.get('rs2') ?? none,
    discardsX0: !fields.has('frd'),
    immediate: fields.get('imm') ?? none,
  };
}

const templates = new Map<Form, Template>();

function templateOf(form: Form): Template {
  let template = templates.get(form);
  if (!template) templates.set(form, (template = makeTemplate(form)));
  return template;
}

/**
 * Writes a decoded entry and returns what instruction it is, `undefined` if it is illegal. `offset` is the instruction's place in its
 * page; without it the entry is a one-off, which no branch may take as a starting point.
 */
export function writeEntry(
  view: DataView,
  entry: number,
  bits: number,
  extensions: ExtensionSet,
  offset?: number,
): Form | undefined {
  const form = findForm(bits, extensions);
  view.setInt32(entry + Entry.bits, instructionLength(bits) === 2 ? bits & 0xffff : bits | 0, true);
  if (!form) {
    view.setUint16(entry + Entry.handler, Handler.illegal, true);
    return undefined;
  }
  const { relative, near, far, rd, rs1, rs2, discardsX0, immediate } = templateOf(form);
  const value = immediate(bits);
  const inPage = relative && isNear((offset ?? NaN) + value, extensions);
  view.setUint16(entry + Entry.handler, relative && !inPage ? far : near, true);
  const target = rd(bits);
  view.setUint16(entry + Entry.rd, target === 0 && discardsX0 ? State.sink : target * 8, true);
  view.setUint16(entry + Entry.rs1, rs1(bits) * 8, true);
  view.setUint16(entry + Entry.rs2, rs2(bits) * 8, true);
  view.setInt32(entry + Entry.immediate, inPage ? value * (Entry.size / 2) : value, true);
  return form;
}

/** True if a branch to this offset stays in the page. Where it traps, it is for the handler that looks. */
const isNear = (target: number, extensions: ExtensionSet): boolean =>
  target >= 0 && target < PAGE_SIZE && (extensions.has('c') || target % 4 === 0);
