/** Where a compiled function has written its frame record. */
import type { Program } from '../symbols/api';
import type { Target } from '../target/target';
import type { Debuggee } from './api';
import { isAssembly } from './code';
import { hartOfKernel } from './harts';

/** Where a function entered at `entry` is first seen with its caller: behind the prologue. A label of assembly is itself. */
export function functionBody(
  { program, target }: Pick<Debuggee, 'program' | 'target'>,
  entry: bigint,
): bigint {
  const row = program.lines?.at(entry);
  const compiled = row !== undefined && !isAssembly(row.file);
  return compiled ? afterPrologue(program, target, entry) : entry;
}

const mostInstructions = 32;
const longestInstruction = 4;

/**
 * The first address of a compiled function at which its frame record stands and s0 is its own: a walk from there sees
 * the caller (before it, the caller would be skipped). It is the address behind the last instruction of the prologue that
 * saves ra or s0 or sets s0; `entry` itself for a function without a frame pointer.
 */
export function afterPrologue(
  program: Pick<Program, 'segments'>,
  target: Pick<Target, 'disassemble' | 'harts'>,
  entry: bigint,
): bigint {
  let at = entry;
  let behind = entry;
  let framePointerSet = false;
  for (let count = 0; count < mostInstructions; count++) {
    const instruction = target.disassemble(codeAt(program, target, at), at);
    if (instruction?.flow !== 'none') break;
    at += BigInt(instruction.length);
    if (instruction.text.startsWith('addi s0,sp,')) framePointerSet = true;
    else if (!/^sd (ra|s0),-?\d+\(sp\)/.test(instruction.text)) continue;
    behind = at;
  }
  return framePointerSet ? behind : entry;
}

/** Bytes of the file at a link-time address: breakpoints are resolved before the machine has run. A module's code is in memory only. */
function codeAt(
  { segments }: Pick<Program, 'segments'>,
  target: Pick<Target, 'harts'>,
  address: bigint,
): Uint8Array {
  const home = segments.find(
    ({ virtualAddress, data }) => address >= virtualAddress && address < virtualAddress + BigInt(data.length),
  );
  if (!home) return hartOfKernel({ target }).readMemory(address, longestInstruction);
  const offset = Number(address - home.virtualAddress);
  return home.data.subarray(offset, offset + longestInstruction);
}
