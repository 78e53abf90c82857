import { decode, findForm, instructionLength } from '../isa/decode';
import type { ExtensionSet } from '../isa/extensions';
import type { Instruction } from '../isa/instruction';
import { useOf } from '../translator/instruction-use';
import { Kind, type PageCode, type Placed } from '../translator/page-code';
import { Handler, variantOf } from '../wasm/handlers';
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
  readonly isCsrAccess: boolean;
}

function shapeOf(instruction: Instruction): Shape | undefined {
  const { isSystem, isCsrAccess } = useOf(instruction);
  if (isSystem) return undefined;
  if (instruction.flow === 'branch') return { linked: Kind.branch, unlinked: Kind.branch, isCsrAccess };
  if (instruction.flow !== 'link') return { linked: Kind.plain, unlinked: Kind.plain, isCsrAccess };
  return instruction.mnemonic === 'jal'
    ? { linked: Kind.call, unlinked: Kind.jump, isCsrAccess }
    : { linked: Kind.indirectCall, unlinked: Kind.indirect, isCsrAccess };
}

/** By handler, as far as they were asked for. Pages are looked at by the hundred, and have thousands of places. */
const shapes: (Shape | null | undefined)[] = [];

function shapeOfHandler(handler: number): Shape | null {
  let shape = shapes[handler];
  if (shape === undefined) {
    const variant = variantOf(handler);
    shapes[handler] = shape = (variant && shapeOf(variant.instruction)) ?? null;
  }
  return shape;
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
      if (handler === Handler.undecoded) continue;
      if (handler === Handler.translated) this.#addHidden(place);
      else this.#addEntry(place, entry, handler);
    }
  }

  instructionAt(offset: number): Placed {
    const bits = this.#bitsAt(offset);
    return { offset, bits, decoded: decode(bits, this.#extensions)! };
  }

  #addEntry(place: number, entry: number, handler: number): void {
    const shape = shapeOfHandler(handler);
    if (!shape) return;
    const { length, far } = variantOf(handler)!;
    const isLinked = this.#view.getUint16(entry + Entry.rd, true) !== State.sink;
    const distance = far ? NaN : this.#view.getInt32(entry + Entry.immediate, true) / Entry.size;
    this.#add(place, shape, length, isLinked, distance);
  }

  /** An instruction whose entry stands for a region. */
  #addHidden(place: number): void {
    const bits = this.#bitsAt(place * 2);
    const form = findForm(bits, this.#extensions);
    if (!form) return;
    const { instruction, length, fields } = form;
    const shape = shapeOf(instruction);
    const distance = (fields.get('imm')?.read(bits) ?? NaN) / 2;
    if (shape) this.#add(place, shape, length, fields.get('rd')?.read(bits) !== 0, distance);
  }

  #add(place: number, shape: Shape, length: number, isLinked: boolean, distance: number): void {
    // CSRs other than sstatus are the interpreter's.
    if (shape.isCsrAccess && this.#bitsAt(place * 2) >>> 20 !== SSTATUS) return;
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
