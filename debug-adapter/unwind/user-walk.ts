/** User code below the kernel's outermost frame, by its frame pointers: for people only, no rule of the kernel's walk knows of it. */
import { readRecord, recordAddress } from './frame-record';
import type { ReadMemory } from './types';

/** User stacks may be anything; nobody reads more rows than these. */
const mostFrames = 64;

export interface UserRegisters {
  readonly pc: bigint;
  readonly ra: bigint;
  readonly fp: bigint;
}

/** A pc of user code, and how it is known. */
export interface UserFrame {
  readonly pc: bigint;
  /**
   * - `pc`: where it was when the kernel was entered.
   * - `ra`: in ra then. The caller, if the function keeps no frame or has made no call since it was called: user code is not known well
   *   enough to tell.
   * - `record`: from a frame record (psABI), if the program keeps frame pointers.
   */
  readonly from: 'pc' | 'ra' | 'record';
}

/**
 * The frames of user code that was left with these registers. Ends without a word where memory is not there, s0 does not rise or is misaligned, or
 * no call stands before a return address: programs need not keep frame pointers. `isUser` tells addresses of the user's half.
 */
export function walkUser(
  { pc, ra, fp: first }: UserRegisters,
  memory: ReadMemory,
  isUser: (address: bigint) => boolean,
): readonly UserFrame[] {
  const frames: UserFrame[] = [{ pc, from: 'pc' }];
  const records = callers(first, memory, isUser);
  if (ra !== records[0] && isUser(ra) && isBehindCall(ra, memory)) frames.push({ pc: ra, from: 'ra' });
  return [...frames, ...records.map((caller) => ({ pc: caller, from: 'record' as const }))];
}

function callers(first: bigint, memory: ReadMemory, isUser: (address: bigint) => boolean): readonly bigint[] {
  const found: bigint[] = [];
  for (let fp = first; found.length < mostFrames;) {
    const address = recordAddress(fp);
    if ((fp & 7n) !== 0n || address <= 0n || !isUser(fp)) break;
    const record = readRecord(memory, address);
    if (!record || !isUser(record.ra) || !isBehindCall(record.ra, memory)) break;
    found.push(record.ra);
    if (record.fp <= fp) break;
    fp = record.fp;
  }
  return found;
}

/** Whether the instruction before an address is a call: jal or jalr to a link register, or c.jalr (unpriv, "Control Transfer Instructions"). */
function isBehindCall(address: bigint, memory: ReadMemory): boolean {
  const bytes = address < 4n ? undefined : memory(address - 4n, 4);
  if (!bytes || (address & 1n) !== 0n) return false;
  const word = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const [opcode, rd] = [word & 0x7f, (word >>> 7) & 0x1f];
  if ((opcode === 0x6f || opcode === 0x67) && (rd === 1 || rd === 5)) return true;
  const compressed = word >>> 16;
  return (compressed & 0xf07f) === 0x9002 && (compressed & 0xf80) !== 0;
}
