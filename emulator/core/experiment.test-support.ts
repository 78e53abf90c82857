import assert from 'node:assert/strict';
import { Privilege } from '../api';
import { guest } from '../guest.test-support';
import { disassemble } from '../isa/disassemble';
import type { ExtensionSet } from '../isa/extensions';
import { implementedExtensions } from '../isa/extensions';
import { registerNames } from '../isa/registers';
import { Core } from './core';
import { Exception } from './csr/causes';
import { RAM_BASE } from './guest-memory';
import { DATA_WORDS, Field, FS_DIRTY, harness, RECORD_SIZE } from './harness.test-support';
import { runOnQemu, TEST_DEVICE } from './qemu.test-support';
import { TestHart } from './test-hart.test-support';

/**
 * Experiments: pieces of code that run with given registers on our machine and on QEMU, and must have the same outcome.
 *
 *     compareWithQemu([{ code: 'add a0,a1,a2', x: { a1: 1n, a2: -1n } }]);
 *
 * A harness in M-mode loads all registers from a record, goes to the code by `mret` with the privilege asked for, and stores
 * all into the record again when the code traps, which it does at the latest at the `ebreak` behind it. So a trap is an outcome
 * like any other: cause, tval and epc are compared too. Code may use all registers; it must leave `mscratch`, `mtvec`, `medeleg`,
 * PMP entry 0 and memory outside `DATA` and `FREE` alone. Other CSRs that it sets, and memory at `FREE`, stay as they are for the
 * next experiment.
 */
export interface Experiment {
  /** Assembly (`guest.test-support.ts`), or the bytes themselves. The same code is placed once. */
  readonly code: string | Uint8Array;
  /** Integer registers by ABI name; 0 where missing. Values are taken modulo 2^64. */
  readonly x?: Readonly<Record<string, bigint>>;
  /** Bits of f0 to f31 by number; 0 where missing. They are loaded if the machine has `d`. */
  readonly f?: Readonly<Record<number, bigint>>;
  readonly fcsr?: bigint;
  /** Doublewords at `DATA`, at most `DATA_WORDS`; 0 where missing. */
  readonly memory?: readonly bigint[];
  /** Default: machine. */
  readonly privilege?: Privilege;
  /** mstatus but for MPP, as it is before the `mret`. Default: FS dirty, if there is such a field. */
  readonly mstatus?: bigint;
}

/** What an experiment leaves behind. Values are unsigned. */
export interface Outcome {
  /** By ABI name. */
  readonly x: Readonly<Record<string, bigint>>;
  /** f0 to f31; what was given if the machine has no `d`, as fcsr. */
  readonly f: readonly bigint[];
  readonly fcsr: bigint;
  /** The doublewords at `DATA`. */
  readonly memory: readonly bigint[];
  /** 3 if the code ran to its end. */
  readonly cause: bigint;
  readonly tval: bigint;
  readonly epc: bigint;
  /** As the trap left it: MPP is the privilege that it came from. */
  readonly mstatus: bigint;
}

interface ExperimentOptions {
  /** What both machines have. Default: all that is implemented. */
  readonly extensions?: ExtensionSet;
  /** More contents of RAM (page tables for instance) at physical addresses from `FREE` to `CODE`. */
  readonly segments?: readonly { readonly address: number; readonly data: Uint8Array }[];
  /** Parts of the outcome that are not compared. */
  readonly ignore?: readonly (keyof Outcome)[];
}

/** The memory that is loaded before an experiment and compared after it. */
export const DATA = RAM_BASE + 0x1_0000;
export { DATA_WORDS };
/** From here to `CODE` experiments may do what they like. It is compared when all have ended. */
export const FREE = RAM_BASE + 0x10_0000;
export const CODE = RAM_BASE + 0x80_0000;

const CODE_ALIGNMENT = 64;
const MIB = 1 << 20;
/** QEMU puts one at the end of RAM, at a multiple of 2 MiB. */
const DEVICE_TREE = 4 * MIB;
const ILLEGAL_INSTRUCTION = BigInt(Exception.illegalInstruction);
/**
 * Instructions whose bits QEMU 10 does not keep when it finds at run time that they are illegal: as tval it has those of an older one
 * (`mret`), or none.
 */
const BITS_NOT_KEPT = ['mret', 'cbo.inval', 'cbo.clean', 'cbo.flush', 'cbo.zero'];
const MPP_SHIFT = 11n;
const EBREAK = Uint8Array.of(0x73, 0x00, 0x10, 0x00);

const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;
const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);

/** Asserts that each experiment has the same outcome here and on QEMU (`hasQemu`); gives the outcomes. */
export function compareWithQemu(
  experiments: readonly Experiment[],
  options: ExperimentOptions = {},
): readonly Outcome[] {
  const program = build(experiments, options);
  const there = runThere(program, options);
  const here = runHere(program, options);
  const outcomes = experiments.map((experiment, index) => {
    const [ours, theirs] = [program.record(here, index), program.record(there, index)];
    const outcome = readRecord(ours);
    if (!sameBytes(ours, theirs)) {
      assert.deepEqual(
        readable(outcome, options),
        readable(readRecord(theirs), options),
        `${describe(experiment)}: here (+) not as on QEMU (-)`,
      );
    }
    return outcome;
  });
  const free = (ram: Uint8Array) => ram.subarray(FREE - RAM_BASE, CODE - RAM_BASE);
  const different = free(here).findIndex((byte, index) => byte !== free(there)[index]);
  assert.equal(different, -1, `memory at 0x${(FREE + different).toString(16)} is not as on QEMU`);
  return outcomes;
}

const sameBytes = (one: DataView, other: DataView): boolean =>
  Buffer.compare(
    new Uint8Array(one.buffer, one.byteOffset, one.byteLength),
    new Uint8Array(other.buffer, other.byteOffset, other.byteLength),
  ) === 0;

/** Outcomes of all experiments here and on QEMU, not compared: for comparisons with exceptions. */
export function runOnBoth(
  experiments: readonly Experiment[],
  options: ExperimentOptions = {},
): { readonly theirs: readonly Outcome[]; readonly ours: readonly Outcome[] } {
  const program = build(experiments, options);
  const [theirs, ours] = [runThere(program, options), runHere(program, options)].map((ram) =>
    experiments.map((_, index) => readRecord(program.record(ram, index))),
  );
  return { theirs: theirs!, ours: ours! };
}

interface Program {
  readonly image: Uint8Array;
  readonly ramSize: number;
  readonly experiments: number;
  /** What became of an experiment, in RAM after the program has run. */
  record(ram: Uint8Array, index: number): DataView;
}

function build(experiments: readonly Experiment[], options: ExperimentOptions): Program {
  const pieces = new Map<string, { readonly address: number; readonly bytes: Uint8Array }>();
  let end = CODE;
  const place = (code: string | Uint8Array): number => {
    const key = typeof code === 'string' ? code : code.join();
    const known = pieces.get(key);
    if (known) return known.address;
    const address = end;
    const bytes = typeof code === 'string' ? guest(code, address).image.segments[0]!.data : code;
    pieces.set(key, { address, bytes });
    end = roundUp(address + bytes.length + EBREAK.length, CODE_ALIGNMENT);
    return address;
  };
  const addresses = experiments.map(({ code }) => place(code));
  const first = end;
  const last = first + experiments.length * RECORD_SIZE;
  const ramSize = roundUp(last - RAM_BASE + DEVICE_TREE, MIB);
  const image = new Uint8Array(last - RAM_BASE);
  const float = (options.extensions ?? implementedExtensions).has('d');
  image.set(harness({ first, end: last, data: DATA, float }));
  for (const { address, data } of options.segments ?? []) image.set(data, address - RAM_BASE);
  for (const { address, bytes } of pieces.values()) {
    image.set(bytes, address - RAM_BASE);
    image.set(EBREAK, address - RAM_BASE + bytes.length);
  }
  const record = (ram: Uint8Array, index: number): DataView =>
    new DataView(ram.buffer, ram.byteOffset + first - RAM_BASE + index * RECORD_SIZE, RECORD_SIZE);
  experiments.forEach((experiment, index) =>
    writeRecord(record(image, index), experiment, addresses[index]!),
  );
  return { image, ramSize, experiments: experiments.length, record };
}

function writeRecord(record: DataView, experiment: Experiment, address: number): void {
  const {
    x = {},
    f = {},
    fcsr = 0n,
    memory = [],
    privilege = Privilege.machine,
    mstatus = FS_DIRTY,
  } = experiment;
  const set = (offset: number, value: bigint) => record.setBigUint64(offset, unsigned(value), true);
  assert.ok(memory.length <= DATA_WORDS, 'more memory than is loaded');
  for (const [name, value] of Object.entries(x)) {
    const index = registerNames.indexOf(name);
    assert.ok(index > 0, `no register is called ${name}`);
    set(Field.x + index * 8, value);
  }
  for (const [index, value] of Object.entries(f)) set(Field.f + Number(index) * 8, value);
  memory.forEach((value, index) => set(Field.data + index * 8, value));
  set(Field.fcsr, fcsr);
  set(Field.pc, BigInt(address));
  set(Field.mstatus, mstatus | (BigInt(privilege) << MPP_SHIFT));
}

function readRecord(record: DataView): Outcome {
  const get = (offset: number): bigint => record.getBigUint64(offset, true);
  const list = (offset: number, count: number): bigint[] =>
    Array.from({ length: count }, (_, index) => get(offset + index * 8));
  return {
    x: Object.fromEntries(
      registerNames.map((name, index) => [name, index === 0 ? 0n : get(Field.x + index * 8)]),
    ),
    f: list(Field.f, 32),
    fcsr: get(Field.fcsr),
    memory: list(Field.data, DATA_WORDS),
    cause: get(Field.cause),
    tval: get(Field.tval),
    epc: get(Field.pc),
    mstatus: get(Field.mstatus),
  };
}

/** RAM after the program has run on QEMU, with the bits that it does not keep as the manual has them (priv 1.13 §3.1.16). */
function runThere(program: Program, { extensions }: ExperimentOptions): Uint8Array {
  const { image, ramSize, experiments } = program;
  const ram = runOnQemu(image, ramSize, extensions);
  for (let index = 0; index < experiments; index++) {
    const record = program.record(ram, index);
    const at = Number(record.getBigUint64(Field.pc, true)) - RAM_BASE;
    if (
      record.getBigUint64(Field.cause, true) !== ILLEGAL_INSTRUCTION ||
      !(at >= 0 && at + 4 <= image.length)
    )
      continue;
    const bits = new DataView(image.buffer).getUint32(at, true);
    if (BITS_NOT_KEPT.includes(disassemble(bits, 0n).mnemonic))
      record.setBigUint64(Field.tval, BigInt(bits), true);
  }
  return ram;
}

/** RAM after the program has run on our machine. */
function runHere({ image, ramSize }: Program, { extensions }: ExperimentOptions): Uint8Array {
  let done = false;
  const isDone = (): boolean => done;
  const test = new TestHart(
    { writeDevice: (_, address) => (done ||= address === TEST_DEVICE) },
    new Core(ramSize, extensions),
  );
  test.core.memory.write(RAM_BASE, image);
  for (let slices = 0; !isDone() && slices < 10_000; slices++) test.hart.run(100_000);
  assert.ok(isDone(), `did not end: ${String(test.hart.lastTrap?.cause)} at ${test.hart.pc.toString(16)}`);
  return test.core.memory.ram;
}

/** An outcome in which a difference can be read: hexadecimal, without what is not compared and without zeros. */
function readable(outcome: Outcome, { ignore = [] }: ExperimentOptions): Record<string, string> {
  const shown: Record<string, string> = {};
  const show = (name: string, value: bigint): void => {
    if (value !== 0n) shown[name] = `0x${value.toString(16)}`;
  };
  for (const [name, value] of Object.entries<Outcome[keyof Outcome]>({ ...outcome })) {
    if (ignore.includes(name as keyof Outcome)) continue;
    if (typeof value === 'bigint') show(name, value);
    else
      for (const [key, part] of Object.entries<bigint>(value as Record<string, bigint>))
        show(`${name}[${key}]`, part);
  }
  return shown;
}

function describe({ code, x = {}, f = {}, ...rest }: Experiment): string {
  const hex = (values: object): string =>
    Object.entries(values)
      .map(
        ([name, value]) =>
          ` ${name}=${typeof value === 'bigint' ? `0x${unsigned(value).toString(16)}` : String(value)}`,
      )
      .join('');
  const text = typeof code === 'string' ? code.trim() : disassembly(code);
  return `${text} with${hex(x)}${hex(f)}${hex(rest)}`;
}

function disassembly(code: Uint8Array): string {
  const view = new DataView(Uint8Array.from([...code, 0, 0]).buffer);
  const lines: string[] = [];
  for (let at = 0; at < code.length;) {
    const { text, length } = disassemble(view.getUint32(at, true), BigInt(at));
    lines.push(text);
    at += length;
  }
  return lines.join('\n');
}
