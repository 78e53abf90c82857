/**
 * The part of the WebAssembly JavaScript interface (core API §5) that the emulator uses. TypeScript has it in its DOM
 * library only, which would let code that must run in Node and in workers use a page's globals.
 */
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { readonly initial: number; readonly maximum: number });
    readonly buffer: ArrayBuffer;
  }
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }
  class Instance {
    constructor(
      module: Module,
      imports: Readonly<
        Record<string, Readonly<Record<string, Memory | ((...args: never[]) => number | bigint | void)>>>
      >,
    );
    readonly exports: Readonly<Record<string, unknown>>;
  }
}
