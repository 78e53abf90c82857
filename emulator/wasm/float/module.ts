import { encodeModule } from '../module';
import { classify } from './classify';
import { multiplyAddDouble, multiplyAddSingle } from './fused';
import { toIntegral } from './integral';
import { settle } from './settle';

/**
 * Floating-point operations that are too long to be written where they are used. All generated code imports them, by these names
 * beside the functions of `imports.ts`.
 */
export const floatFunctions = { multiplyAddDouble, multiplyAddSingle, toIntegral, classify, ...settle };

/** Generates their module, which imports the memory of `layout.ts`: the functions accrue exceptions there. */
export const generateFloatModule = (memoryPages: number): Uint8Array<ArrayBuffer> =>
  encodeModule({
    importModule: 'core',
    memory: { name: 'memory', pages: memoryPages },
    imports: [],
    exports: Object.entries(floatFunctions).map(([name, { body }]) => ({ name, body })),
  });
