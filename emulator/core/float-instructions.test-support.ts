import { insertFields } from '../isa/encoding';
import type { Instruction } from '../isa/instruction';

/** Registers of the instructions that `encodeFloat` makes, integer or float. */
export const RD = 10;
export const [RS1, RS2, RS3] = [11, 12, 13];

/** A floating-point instruction on those registers. */
export function encodeFloat({ encoding }: Instruction, rm: number): Uint8Array {
  const has = (name: string): boolean => encoding.fields.some((field) => field.name === name);
  const bits = insertFields(encoding, {
    ...(has('rd') ? { rd: RD } : { frd: RD }),
    ...(has('rs1') ? { rs1: RS1 } : { frs1: RS1 }),
    ...(has('frs2') && { frs2: RS2 }),
    ...(has('frs3') && { frs3: RS3 }),
    ...(has('rm') && { rm }),
  })!;
  return new Uint8Array(Uint32Array.of(bits).buffer);
}

export const operandCount = ({ encoding }: Instruction): number =>
  encoding.fields.filter(({ name }) => /^f?rs[123]$/.test(name)).length;
