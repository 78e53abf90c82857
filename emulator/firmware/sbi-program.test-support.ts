import assert from 'node:assert/strict';
import { hasOpenSbi, hasQemu, runUnderOpenSbi } from '../core/qemu.test-support';
import { guest } from '../guest.test-support';
import { implementedExtensions, isaString, type ExtensionSet } from '../isa/extensions';
import { Machine } from '../machine';
import { helper } from './sbi-helper.test-support';
import { Eid, hex, untilStatus, type Step } from './sbi-steps.test-support';

/**
 * Programs in S-mode that note what firmware answers, for our machine with the built-in firmware and for QEMU with OpenSBI.
 *
 *     compareWithOpenSbi([call('send IPI', Eid.ipi, 0, 1n, 0n), ...pending('IPI')]);
 *
 * Hart 0 runs the steps; the others are stopped when it begins, and can be started at the label `helper`.
 */

export const PROGRAM = 0x8020_0000;
const HARTS = 4;
/** "Start of text": OpenSBI has written much before. */
const START = 2;
const RESULTS = 0x8080_0000;
const RAM_BASE = 0x8000_0000;
const MEMORY = 32 << 20;
const MOST_INSTRUCTIONS = 10_000_000;
/** OpenSBI 1.5, as its implementation version has it: what it answers is known from there on. */
const OLDEST_OPENSBI = 0x1_0005;

/** Whether QEMU and an OpenSBI are installed whose answers are those that tests know. */
export function canCompare(): boolean {
  if (!hasQemu || !hasOpenSbi) return false;
  const { image } = guest(
    `li a6,2\nli a7,${Eid.base}\necall\nli t0,${RESULTS}\nsw a1,0(t0)\nli a7,8\necall`,
    PROGRAM,
  );
  const machine = { ramSize: MEMORY, harts: 1, extensions: implementedExtensions };
  const { ram } = runUnderOpenSbi(image.segments[0]!.data, machine);
  return new DataView(ram.buffer).getUint32(RESULTS - RAM_BASE, true) >= OLDEST_OPENSBI;
}

/** The steps, with `end` as the code after them: it must end the machine. */
function assembleProgram(
  steps: readonly Step[],
  end: string,
): { image: Uint8Array; slots: readonly number[] } {
  let slot = 0;
  const slots = steps.map(({ values }) => (slot += values.length) - values.length);
  const code = steps.map(({ code }, index) =>
    code((value) => `li t6,${RESULTS + (slots[index]! + value) * 8}\nsd t0,0(t6)`),
  );
  const program = guest(
    `
    entry:
    csrw satp,zero
    csrw sie,zero
    la t0,handler
    csrw stvec,t0
    beqz a0,main
    # QEMU's boot hart may be any.
    mv a2,a1
    li a0,0
    la a1,entry
    li a6,0
    li a7,${Eid.hsm}
    ecall
    li a6,1
    ecall
    .align 4
    handler:
    csrr s10,scause
    csrr s11,stval
    csrr t0,sepc
    addi t0,t0,4
    csrw sepc,t0
    sret
    ${helper}
    main:
    ${[1, 2, 3].map((hart) => untilStatus(hart, 1).code(() => '')).join('\n')}
    li a0,${START}
    li a7,1
    ecall
    ${code.join('\n')}
    csrw satp,zero
    ${end}
    over:
    j over`,
    PROGRAM,
  );
  return { image: program.image.segments[0]!.data, slots };
}

export interface ProgramOptions {
  /** What the harts have. Default: all that is implemented. */
  readonly extensions?: ExtensionSet;
  /** Code that powers the machine off. Default: SRST. */
  readonly end?: string;
}

/** What is not the same, on purpose. */
export interface Difference {
  readonly ours: string;
  readonly theirs: string;
}

const POWER_OFF = 'li a0,0\nli a1,0\nli a6,0\nli a7,0x53525354\necall';

/** Asserts that all is noted and written to the console as with OpenSBI, but for what `different` says by the names of steps. */
export function compareWithOpenSbi(
  steps: readonly Step[],
  different: Readonly<Record<string, Difference>> = {},
  { extensions = implementedExtensions, end = POWER_OFF }: ProgramOptions = {},
): void {
  const { image, slots } = assembleProgram(steps, end);
  const noting = steps.flatMap((step, index) =>
    step.name === undefined ? [] : [{ step, slot: slots[index]! }],
  );
  const notesIn = (ram: Uint8Array): string[] => {
    const words = new DataView(ram.buffer, ram.byteOffset + RESULTS - RAM_BASE);
    return noting.map(({ step, slot }) =>
      step.values
        .map((value, at) => [value, words.getBigInt64((slot + at) * 8, true)] as const)
        .filter(([value, number]) => number !== 0n || ALWAYS_SHOWN.includes(value))
        .map(([value, number]) => `${value}=${hex(number)}`)
        .join(' '),
    );
  };
  const here = runHere(image, extensions);
  const there = runUnderOpenSbi(image, { ramSize: MEMORY, harts: HARTS, extensions });
  const [ours, theirs] = [notesIn(here.ram), notesIn(there.ram)];
  const lines = (notes: readonly string[], own: keyof Difference): string[] =>
    noting.map(({ step }, index) => `${step.name}: ${different[step.name!]?.[own] ?? notes[index]}`);
  const names = noting.map(({ step }) => step.name!);
  for (const name of Object.keys(different)) assert.ok(names.includes(name), `nothing is called ${name}`);
  assert.deepEqual(withNames(names, ours), lines(theirs, 'ours'), 'here (+) not as with OpenSBI (-)');
  assert.deepEqual(withNames(names, theirs), lines(theirs, 'theirs'), 'OpenSBI (+) not as noted (-)');
  const [written, expected] = [here, there].map(
    ({ console }) => console.split(String.fromCharCode(START))[1],
  );
  // OpenSBI puts a carriage return before each line feed; ours writes what it is told to.
  assert.equal(written, expected!.replaceAll('\r\n', '\n'));
}

const ALWAYS_SHOWN = ['a0', 'a1', 't0'];
const withNames = (names: readonly string[], notes: readonly string[]): string[] =>
  names.map((name, index) => `${name}: ${notes[index]}`);

function runHere(
  data: Uint8Array,
  extensions: ExtensionSet,
): { readonly ram: Uint8Array; readonly console: string } {
  const machine = new Machine({
    image: { segments: [{ address: PROGRAM, data, memorySize: data.length }], entry: PROGRAM },
    harts: HARTS,
    memory: MEMORY,
    isa: isaString(extensions),
  });
  let console = '';
  machine.onConsoleOutput = (bytes) => (console += Buffer.from(bytes).toString());
  const stop = machine.run({ budget: MOST_INSTRUCTIONS });
  assert.deepEqual(stop, { kind: 'exit', exit: { kind: 'power-off', code: 0 } });
  return { ram: machine.readPhysical(RAM_BASE, MEMORY)!, console };
}
