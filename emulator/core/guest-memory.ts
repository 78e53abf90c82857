/** Physical address of the first byte of RAM, as on QEMU's `virt` board. */
export const RAM_BASE = 0x8000_0000;

/** RAM of one machine, inside the WebAssembly memory that the interpreter works on. */
export class GuestMemory {
  readonly size: number;
  readonly ram: Uint8Array;

  constructor(size: number) {
    this.size = size;
    this.ram = new Uint8Array(size);
  }

  /** True if all of `[address, address + length)` is RAM. */
  contains(address: number, length: number): boolean {
    return address >= RAM_BASE && length >= 0 && address - RAM_BASE + length <= this.size;
  }

  /** A copy of RAM at a physical address; `undefined` unless all of it is RAM. */
  read(address: number, length: number): Uint8Array | undefined {
    if (!this.contains(address, length)) return undefined;
    const offset = address - RAM_BASE;
    return this.ram.slice(offset, offset + length);
  }

  /** Writes by a device, the loader or a debugger: decoded code and reservations there are dropped. False unless all is RAM. */
  write(address: number, data: Uint8Array): boolean {
    if (!this.contains(address, data.length)) return false;
    this.ram.set(data, address - RAM_BASE);
    return true;
  }
}
