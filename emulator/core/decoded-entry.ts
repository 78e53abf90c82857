import type { Form } from '../isa/decode';
import { bucket, BUCKETS, formsLike, instructionLength } from '../isa/decode';
import type { Encoding } from '../isa/encoding';
import { FieldReader, matches } from '../isa/encoding';
import type { ExtensionSet } from '../isa/extensions';
import { floatCsrs } from '../isa/float-csrs';
import { isRelative } from '../isa/flow';
import { Handler, handlerOf } from '../wasm/handlers';
import { Entry, State } from '../wasm/layout';
import type { GuestMemory } from './guest-memory';
import { PAGE_SIZE } from './guest-memory';

/** How entries are made of the bits of one form of an instruction. */
interface Template {
  readonly form: Form;
  readonly encoding: Encoding;
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

const none = FieldReader.constant(0);

function makeTemplate(form: Form): Template {
  const { fields, instruction, encoding } = form;
  const relative = isRelative(instruction);
  return {
    form,
    encoding,
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

/** Writes decoded entries for the instructions of a machine. */
export class EntryWriter {
  /** Instructions that read and replace fflags, frm and fcsr are taken for accesses to any CSR, which they are too. */
  floatCsrsAreGeneral = false;
  readonly #words: Int32Array;
  readonly #extensions: ExtensionSet;
  readonly #hasCompressed: boolean;
  /** By bucket of the bits, as far as they were met. */
  readonly #templates = Array.from<readonly Template[] | undefined>({ length: BUCKETS });

  constructor(memory: GuestMemory, extensions: ExtensionSet) {
    this.#words = memory.words;
    this.#extensions = extensions;
    this.#hasCompressed = extensions.has('c');
  }

  /**
   * Writes an entry and returns what instruction it is, `undefined` if it is illegal. `offset` is the instruction's place in its
   * page; NaN if the entry is a one-off, which no branch may take as a starting point.
   */
  write(entry: number, bits: number, offset: number): Form | undefined {
    const words = this.#words;
    const word = entry / 4;
    words[word + Entry.bits / 4] = instructionLength(bits) === 2 ? bits & 0xffff : bits;
    const template = this.#find(bits);
    if (!template) {
      words[word] = Handler.illegal;
      return undefined;
    }
    const { relative } = template;
    const value = template.immediate.read(bits);
    const inPage = relative && this.#isNear(offset + value);
    const handler = relative && !inPage ? template.far : template.near;
    const result = template.rd.read(bits);
    const target = result === 0 && template.discardsX0 ? State.sink : result * 8;
    // Two fields of 16 bits each in a word.
    words[word] = handler | (target << 16);
    words[word + Entry.rs1 / 4] = (template.rs1.read(bits) * 8) | ((template.rs2.read(bits) * 8) << 16);
    words[word + Entry.immediate / 4] = inPage ? value * (Entry.size / 2) : value;
    return template.form;
  }

  #find(bits: number): Template | undefined {
    const index = bucket(bits);
    const templates = (this.#templates[index] ??= formsLike(bits, this.#extensions).map(makeTemplate));
    for (const template of templates) {
      if (!matches(template.encoding, bits)) continue;
      if (!this.floatCsrsAreGeneral || !floatCsrs.includes(template.form.instruction)) return template;
    }
    return undefined;
  }

  /** True if a branch to this offset stays in the page. Where it traps, it is for the handler that looks. */
  #isNear(target: number): boolean {
    return target >= 0 && target < PAGE_SIZE && (this.#hasCompressed || target % 4 === 0);
  }
}
