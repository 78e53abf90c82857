/** What a step into the statement at hand can enter: the calls, inlined functions and traps on it, one by one. */
import type { LineRange } from '../symbols/api';
import type { Instruction, TargetHart } from '../target/target';
import { hex } from '../unwind/hex';
import type { Debuggee } from './api';
import { functionAt, instructionAt, rowAt } from './code';
import type { NestedFunction } from './inline-nest';
import { formatLocation, locate } from './location';
import { StepScan } from './step-scan';
import { exceptionVector } from './trap-vector';

interface StepTarget {
  /** Of the instruction that leads there, or of an inlined function the first one, as a pc holds it: for `StepOptions.into`. */
  readonly address: bigint;
  /** `do_irq`, `spin_lock (inlined)`, `call through a5 to handle_mm_fault`, `trap handler handle_exception`. */
  readonly label: string;
}

/** A line of a macro may have more; nobody chooses from a longer list. */
const mostTargets = 64;

const breakpointCause = 3;
const environmentCallCause = { user: 8, supervisor: 9, machine: 11 } as const;

/** Those that the hart can come to before the statement ends, in order of their addresses; none where there is no line. */
export function stepTargets(debuggee: Debuggee, hart: TargetHart): readonly StepTarget[] {
  const row = rowAt(debuggee, hart.pc, hart.bare);
  if (!row) return [];
  const scan = new StepScan(debuggee, hart, { kind: 'over', row, into: undefined, isBefore: false });
  const targets: StepTarget[] = [];
  const inlined = new Set<number>();
  for (const address of scan.statement()) {
    if (targets.length === mostTargets) break;
    const callee = scan.inlinedAt(address)?.at(-1);
    if (callee) {
      // What it calls is on lines of its own; the step over goes through those that follow on other lines as well.
      const isNew = !inlined.has(callee.id) && isOnLine(callee, row);
      inlined.add(callee.id);
      if (isNew) targets.push({ address, label: `${callee.name} (inlined)` });
      continue;
    }
    const instruction = instructionAt(debuggee, hart, address);
    const label = instruction && labelOf(debuggee, hart, address, instruction);
    if (label !== undefined) targets.push({ address, label });
  }
  return targets;
}

function isOnLine({ callSite }: NestedFunction, { file, line }: LineRange): boolean {
  return callSite === undefined || (callSite.file === file && callSite.line === line);
}

function labelOf(
  debuggee: Debuggee,
  hart: TargetHart,
  address: bigint,
  { flow, text, target }: Instruction,
): string | undefined {
  const name = (pc: bigint) => nameOf(debuggee, hart, pc);
  switch (flow) {
    case 'call':
    case 'jump': {
      const callee = target ?? farTarget(debuggee, hart, address, text);
      if (callee !== undefined) {
        return flow === 'call' || isEntry(debuggee, hart, callee) ? name(callee) : undefined;
      }
      const register = jumpRegister(text)?.register;
      if (register === undefined) return undefined;
      const known = knownTarget(debuggee, hart, address, text);
      return `${flow} through ${register}${known === undefined ? '' : ` to ${name(known)}`}`;
    }
    case 'trap': {
      const cause = text === 'ecall' ? environmentCallCause[hart.privilege] : breakpointCause;
      const vector = /^(?:ecall|ebreak)$/.test(text) ? exceptionVector(hart, cause) : 0n;
      // The built-in firmware is none of the machine's code.
      return vector === 0n ? undefined : `trap handler ${name(vector)}`;
    }
    default:
      return undefined;
  }
}

function nameOf(debuggee: Debuggee, { bare }: TargetHart, pc: bigint): string {
  const location = locate(debuggee, pc, { bare });
  return location.offset === 0 ? (location.symbol ?? hex(pc)) : formatLocation(location);
}

/** A jump to it is a tail call. */
function isEntry(debuggee: Debuggee, { bare }: TargetHart, pc: bigint): boolean {
  return functionAt(debuggee, pc, bare)?.address === debuggee.kernel.linkAddress(pc, bare).address;
}

/** The operands of `jalr a5`, `jalr ra,8(t1)`, `jr a5`. */
function jumpRegister(text: string): { readonly register: string; readonly offset: bigint } | undefined {
  const [, offset, based, bare] = /^j(?:al)?r (?:\w+,)?(?:(-?\d+)\((\w+)\)|(\w+))$/.exec(text) ?? [];
  const register = based ?? bare;
  return register === undefined ? undefined : { register, offset: BigInt(offset ?? 0) };
}

/** `auipc ra, …` before `jalr …(ra)`: how calls get further than 1 MiB (psABI, "Far Branches"). */
function farTarget(debuggee: Debuggee, hart: TargetHart, address: bigint, text: string): bigint | undefined {
  const jump = jumpRegister(text);
  const before = instructionAt(debuggee, hart, address - 4n);
  const [, register, upper] = /^auipc (\w+),(0x[\da-f]+)$/.exec(before?.text ?? '') ?? [];
  if (!jump || upper === undefined || jump.register !== register) return undefined;
  return BigInt.asUintN(64, address - 4n + BigInt.asIntN(32, BigInt(upper) << 12n) + jump.offset);
}

/** Where a jump through a register leads, if nothing on the way to it can change the register. */
function knownTarget(
  debuggee: Debuggee,
  hart: TargetHart,
  address: bigint,
  text: string,
): bigint | undefined {
  const jump = jumpRegister(text)!;
  for (let pc = hart.pc; pc !== address;) {
    const instruction = pc < address ? instructionAt(debuggee, hart, pc) : undefined;
    if (instruction?.flow !== 'none' || instruction.text.split(/[ ,]/)[1] === jump.register) return undefined;
    pc += BigInt(instruction.length);
  }
  const index = Array.from({ length: 32 }, (_, n) => debuggee.target.registerName(n)).indexOf(jump.register);
  return index < 0 ? undefined : BigInt.asUintN(64, (hart.getX(index) + jump.offset) & ~1n);
}
