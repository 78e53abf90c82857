import { CallArea, callAreas, memoryPages, RAM_OFFSET, WASM_PAGE } from '../wasm/layout';

/** Physical address of the first byte of RAM, as on QEMU's `virt` board. */
export const RAM_BASE = 0x8000_0000;
export const PAGE_SIZE = 4096;

/** On whose behalf RAM is written to otherwise than by a hart's own store. `walk`: the A and D bits of page tables. */
export type Writer = 'device' | 'firmware' | 'walk' | 'debugger';

interface WriteWatcher {
  before(address: number, length: number, by: Writer): void;
  after(): void;
}

/** RAM of one machine, inside the WebAssembly memory that the interpreter works on. */
export class GuestMemory {
  readonly wasm: WebAssembly.Memory;
  /** Of the whole WebAssembly memory. */
  readonly pages: number;
  /** Bytes of RAM. */
  readonly size: number;
  /** All of the WebAssembly memory: see `wasm/layout.ts`. */
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly view: DataView;
  /** RAM alone, for reading. Writers use `write`. */
  readonly ram: Uint8Array;
  /** Who must know about writes that did not come from a hart's own store. */
  readonly #observers: ((address: number, length: number) => void)[] = [];
  /** Told before such a write and after it, while watchpoints are set that may see it. */
  watcher: WriteWatcher | undefined;

  /** @param harts how many have a call area */
  constructor(size: number, harts = 0) {
    this.size = size;
    const pages = memoryPages(size) + (harts * CallArea.size) / WASM_PAGE;
    this.pages = pages;
    this.wasm = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.bytes = new Uint8Array(this.wasm.buffer);
    this.words = new Int32Array(this.wasm.buffer);
    this.view = new DataView(this.wasm.buffer);
    this.ram = this.bytes.subarray(RAM_OFFSET, RAM_OFFSET + size);
  }

  /** The call area of a hart, by its address in the WebAssembly memory. */
  callArea(hart: number): number {
    return callAreas(this.size) + hart * CallArea.size;
  }

  /** True if all of `[address, address + length)` is RAM. */
  contains(address: number, length: number): boolean {
    return address >= RAM_BASE && length >= 0 && address - RAM_BASE + length <= this.size;
  }

  /** Where a physical address of RAM lies in the WebAssembly memory. */
  hostAddress(address: number): number {
    return address - RAM_BASE + RAM_OFFSET;
  }

  /** RAM at a physical address, not a copy; `undefined` unless all of it is RAM. */
  part(address: number, length: number): Uint8Array | undefined {
    if (!this.contains(address, length)) return undefined;
    const offset = address - RAM_BASE;
    return this.ram.subarray(offset, offset + length);
  }

  /** A copy of RAM at a physical address; `undefined` unless all of it is RAM. */
  read(address: number, length: number): Uint8Array | undefined {
    return this.part(address, length)?.slice();
  }

  /** Writes by a device, the loader or a debugger: decoded code and reservations there are dropped. False unless all is RAM. */
  write(address: number, data: Uint8Array, by: Writer = 'device'): boolean {
    if (!this.contains(address, data.length)) return false;
    this.watcher?.before(address, data.length, by);
    this.ram.set(data, address - RAM_BASE);
    this.watcher?.after();
    for (const observe of this.#observers) observe(address, data.length);
    return true;
  }

  onWrite(observer: (address: number, length: number) => void): void {
    this.#observers.push(observer);
  }
}
