/** Registers of a frame, as they are made for every row of a stack: a `Map` of them costs as much as the step itself. */
import type { KnownRegisters } from './types';

export const noRegisters: KnownRegisters = { get: () => undefined };

/** x0 and up by index. */
export class RegisterList implements KnownRegisters {
  private readonly values: readonly (bigint | undefined)[];

  constructor(values: readonly (bigint | undefined)[]) {
    this.values = values;
  }

  get(index: number): bigint | undefined {
    return this.values[index];
  }
}

/** s0 and nothing else. */
export class OnlyFp implements KnownRegisters {
  private readonly fp: bigint;

  constructor(fp: bigint) {
    this.fp = fp;
  }

  get(index: number): bigint | undefined {
    return index === 8 ? this.fp : undefined;
  }
}
