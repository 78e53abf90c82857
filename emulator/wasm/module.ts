import type { ValueType } from './code';
import { CodeBuffer } from './code';

export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface FunctionBody {
  readonly type: FunctionType;
  /** Types of the locals after the parameters. */
  readonly locals: readonly ValueType[];
  /** Instructions without the final `end`. */
  readonly code: CodeBuffer;
}

/** A module that imports one memory, perhaps a table, and functions, all under one module name, and exports functions. */
interface ModuleDescription {
  readonly importModule: string;
  readonly memory: { readonly name: string; readonly pages: number };
  /** Functions to be called by their index there; they have the type of index 0. */
  readonly table?: { readonly name: string; readonly type: FunctionType };
  readonly imports: readonly { readonly name: string; readonly type: FunctionType }[];
  readonly exports: readonly { readonly name: string; readonly body: FunctionBody }[];
}

const section = { type: 1, import: 2, function: 3, export: 7, code: 10 } as const;
const kind = { function: 0, table: 1, memory: 2 } as const;
const FUNCTION_REFERENCE = 0x70;
const END = 0x0b;

/** Encodes a module in the WebAssembly binary format (core spec §5.5). Imported functions come first in the index space. */
export function encodeModule(module: ModuleDescription): Uint8Array<ArrayBuffer> {
  const { table, memory } = module;
  const types = [...module.imports, ...module.exports.map(({ body }) => body)].map(({ type }) => type);
  if (table) types.unshift(table.type);
  const firstType = table ? 1 : 0;
  const out = new CodeBuffer().append([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  const write = (id: number, count: number, fill: (to: CodeBuffer) => void) => {
    const content = new CodeBuffer().unsigned(count);
    fill(content);
    out.byte(id).unsigned(content.length).append(content.bytes);
  };
  write(section.type, types.length, (to) => {
    for (const { parameters, results } of types) {
      to.byte(0x60).unsigned(parameters.length).append(parameters);
      to.unsigned(results.length).append(results);
    }
  });
  write(section.import, module.imports.length + (table ? 2 : 1), (to) => {
    module.imports.forEach((item, index) => {
      to.name(module.importModule)
        .name(item.name)
        .byte(kind.function)
        .unsigned(firstType + index);
    });
    if (table) {
      to.name(module.importModule)
        .name(table.name)
        .byte(kind.table)
        .byte(FUNCTION_REFERENCE)
        .byte(0)
        .unsigned(0);
    }
    const { name, pages } = memory;
    to.name(module.importModule).name(name).byte(kind.memory).byte(1).unsigned(pages).unsigned(pages);
  });
  write(section.function, module.exports.length, (to) => {
    module.exports.forEach((_, index) => to.unsigned(firstType + module.imports.length + index));
  });
  write(section.export, module.exports.length, (to) => {
    module.exports.forEach(({ name }, index) => {
      to.name(name)
        .byte(kind.function)
        .unsigned(module.imports.length + index);
    });
  });
  write(section.code, module.exports.length, (to) => {
    for (const { body } of module.exports) {
      const content = new CodeBuffer().unsigned(body.locals.length);
      for (const type of body.locals) content.unsigned(1).byte(type);
      content.append(body.code.bytes).byte(END);
      to.unsigned(content.length).append(content.bytes);
    }
  });
  return out.bytes.slice();
}
