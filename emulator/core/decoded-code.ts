import { decode, findForm, instructionLength } from '../isa/decode';
import type { ExtensionSet } from '../isa/extensions';
import type { Instruction } from '../isa/instruction';
import { useOf } from '../translator/instruction-use';
import { Kind, type PageCode, type Placed } from '../translator/page-code';
import { Handler, variantOf, type Variant } from '../wasm/handlers';
import { Entry, State } from '../wasm/layout';
import { SSTATUS } from '../wasm/status';
import type { GuestMemory } from './guest-memory';
import { PAGE_SIZE } from './guest-memory';

const PLACES = PAGE_SIZE / 2;
const NONE = -1;

/** What an instruction is to the translator: its kind if it has a link, and if it has none; `undefined` if it is the interpreter's. */
interface Shape {
  readonly linked: number;
  readonly unlinked: number;
}

const shapes = new Map<Instruction, Shape | undefined>();

function shapeOf(instruction: Instruction): Shape | undefined {
  if (!shapes.has(instruction)) shapes.set(instruction, findShape(instruction));
  return shapes.get(instruction);
}

function findShape(instruction: Instruction): Shape | undefined {
  if (useOf(instruction).isSystem) return undefined;
  if (instruction.flow === 'branch') return { linked: Kind.branch, unlinked: Kind.branch };
  if (instruction.flow !== 'link') return { linked: Kind.plain, unlinked: Kind.plain };
  return instruction.mnemonic === 'jal'
    ? { linked: Kind.call, unlinked: Kind.jump }
    : { linked: Kind.indirectCall, unlinked: Kind.indirect };
}

/** The code of a page as far as it is decoded: what was executed, and what comes right after that. */
export class DecodedCode implements PageCode {
  readonly places = PLACES;
  readonly lengths = new Uint8Array(PLACES);
  readonly kinds = new Uint8Array(PLACES);
  readonly targets = new Int16Array(PLACES).fill(NONE);
  readonly #view: DataView;
  /** Address of the page's bytes in the WebAssembly memory. */
  readonly #host: number;
  readonly #extensions: ExtensionSet;

  /**
   * @param page the decoded page
   * @param host where the bytes of the page of RAM lie in the WebAssembly memory
   */
  constructor(memory: GuestMemory, page: number, host: number, extensions: ExtensionSet) {
    this.#view = memory.view;
    this.#host = host;
    this.#extensions = extensions;
    for (let place = 0; place < PLACES; place++) {
      const entry = page + place * Entry.size;
      const handler = this.#view.getUint16(entry + Entry.handler, true);
      const variant = variantOf(handler);
      if (variant) this.#addEntry(place, entry, variant);
      else if (handler === Handler.translated) this.#addHidden(place);
    }
  }

  instructionAt(offset: number): Placed {
    const bits = this.#bitsAt(offset);
    return { offset, bits, decoded: decode(bits, this.#extensions)! };
  }

  #addEntry(place: number, entry: number, { instruction, length, far }: Variant): void {
    const isLinked = this.#view.getUint16(entry + Entry.rd, true) !== State.sink;
    const distance = far ? NaN : this.#view.getInt32(entry + Entry.immediate, true) / Entry.size;
    this.#add(place, instruction, length, isLinked, distance);
  }

  /** True for accesses of CSRs other than sstatus, which are the interpreter's. */
  #isOtherCsr(place: number, instruction: Instruction): boolean {
    return useOf(instruction).isCsrAccess && this.#bitsAt(place * 2) >>> 20 !== SSTATUS;
  }

  /** An instruction whose entry stands for a region. */
  #addHidden(place: number): void {
    const bits = this.#bitsAt(place * 2);
    const form = findForm(bits, this.#extensions);
    if (!form) return;
    const { instruction, length, fields } = form;
    const distance = (fields.get('imm')?.(bits) ?? NaN) / 2;
    this.#add(place, instruction, length, fields.get('rd')?.(bits) !== 0, distance);
  }

  #add(place: number, instruction: Instruction, length: number, isLinked: boolean, distance: number): void {
    const shape = shapeOf(instruction);
    if (!shape || this.#isOtherCsr(place, instruction)) return;
    const kind = isLinked ? shape.linked : shape.unlinked;
    this.lengths[place] = length / 2;
    this.kinds[place] = kind;
    if (kind === Kind.branch || kind === Kind.jump || kind === Kind.call) {
      const target = place + distance;
      this.targets[place] = target >= 0 && target < PLACES ? target : NONE;
    }
  }

  /** Behind the last halfword of a page there may be no memory. */
  #bitsAt(offset: number): number {
    const low = this.#view.getUint16(this.#host + offset, true);
    return instructionLength(low) === 2 ? low : this.#view.getUint32(this.#host + offset, true);
  }
}
