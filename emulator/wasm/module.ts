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

/** A module that imports one memory and functions, all under one module name, and exports functions. */
export interface ModuleDescription {
  readonly importModule: string;
  readonly memory: { readonly name: string; readonly pages: number };
  readonly imports: readonly { readonly name: string; readonly type: FunctionType }[];
  readonly exports: readonly { readonly name: string; readonly body: FunctionBody }[];
}

const section = { type: 1, import: 2, function: 3, export: 7, code: 10 } as const;
const kind = { function: 0, memory: 2 } as const;
const END = 0x0b;

/** Encodes a module in the WebAssembly binary format (core spec §5.5). Imported functions come first in the index space. */
export function encodeModule(module: ModuleDescription): Uint8Array<ArrayBuffer> {
  const types = [...module.imports.map((i) => i.type), ...module.exports.map((e) => e.body.type)];
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
  write(section.import, module.imports.length + 1, (to) => {
    module.imports.forEach((item, index) => {
      to.name(module.importModule).name(item.name).byte(kind.function).unsigned(index);
    });
    const { name, pages } = module.memory;
    to.name(module.importModule).name(name).byte(kind.memory).byte(1).unsigned(pages).unsigned(pages);
  });
  write(section.function, module.exports.length, (to) => {
    module.exports.forEach((_, index) => to.unsigned(module.imports.length + index));
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
