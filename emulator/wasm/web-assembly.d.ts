/**
 * The part of the WebAssembly JavaScript interface (core API §5) that the emulator uses. TypeScript has it in its DOM
 * library only, which would let code that must run in Node and in workers use a page's globals.
 */
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
  interface Module {
    readonly brand: 'module';
  }
  interface Instance {
    readonly exports: Imports;
  }
  interface Table {
    readonly length: number;
    set(index: number, value: unknown): void;
    grow(delta: number): number;
  }
  type Importable = Memory | Table | ((...args: never[]) => unknown);
  type Imports = Readonly<Record<string, Importable>>;
  const Memory: new (descriptor: { readonly initial: number; readonly maximum: number }) => Memory;
  const Table: new (descriptor: { readonly element: 'anyfunc'; readonly initial: number }) => Table;
  const Module: new (bytes: Uint8Array<ArrayBuffer>) => Module;
  const Instance: new (module: Module, imports: Readonly<Record<string, Imports>>) => Instance;
}
