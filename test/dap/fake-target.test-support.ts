/**
 * A target that does what a test says instead of running: memory and symbols are the sample kernel's, each `run` ends as the
 * next entry of the script has it whose stop is wanted. Without one it runs until it is paused.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  BootEvents,
  Debuggee,
  LaunchHost,
  LaunchOptions,
  FileSystem,
} from '../../debug-adapter/debugger/api';
import { createSourceMap } from '../../debug-adapter/debugger/sources';
import { createKernel } from '../../debug-adapter/kernel/kernel';
import { loadProgram } from '../../debug-adapter/symbols/program';
import { architecture } from '../../debug-adapter/target/architecture';
import type {
  CsrDescription,
  Privilege,
  RunRequest,
  Target,
  TargetExit,
  TargetHart,
  TargetStop,
  Trap,
  Text,
  TrapFilter,
} from '../../debug-adapter/target/target';
import type { Watchpoint } from '../../debug-adapter/target/watchpoint';
import { noModules } from '../../debug-adapter/debugger/sample-program.test-support';
import { atOnce } from '../../debug-adapter/debugger/perform';

export const sampleKernel = join(import.meta.dirname, '../../sample-kernel/prebuilt/sample-metadata.elf');
export const sampleSources = join(import.meta.dirname, '../../sample-kernel');

type ScriptedRun = (target: FakeTarget, request: RunRequest) => TargetStop;

const program = loadProgram(new Uint8Array(readFileSync(sampleKernel)));

export function symbolAddress(name: string): bigint {
  const [symbol] = program.symbols.named(name);
  if (!symbol) throw new Error(`the sample kernel has no ${name}`);
  return symbol.address;
}

const csrs: readonly CsrDescription[] = [
  {
    address: 0x100,
    name: 'sstatus',
    description: 'Supervisor status',
    fields: [
      { name: 'SIE', high: 1, low: 1, description: 'Interrupts enabled' },
      {
        name: 'SPP',
        high: 8,
        low: 8,
        description: 'Previous privilege',
        values: { 0: 'user', 1: 'supervisor' },
      },
    ],
  },
  { address: 0x142, name: 'scause', description: 'Cause of the last trap', fields: [] },
  { address: 0xc00, name: 'cycle', description: 'Cycle counter', fields: [] },
];

export class FakeHart implements TargetHart {
  readonly state = 'running';
  readonly privilege: Privilege = 'supervisor';
  bare = false;
  readonly svnapot = true;
  lastTrap: Trap | undefined;
  readonly callChain = undefined;
  readonly index: number;
  pc = symbolAddress('start_kernel');
  readonly csrs = new Map<number, bigint>([
    [0x100, 0x102n],
    [0x142, 13n],
    [0xc00, 99n],
  ]);
  readonly #x = new BigUint64Array(32);
  readonly #f = new BigUint64Array(32);
  readonly #memory: FakeMemory;

  constructor(index: number, memory: FakeMemory) {
    this.index = index;
    this.#memory = memory;
  }

  getX(index: number): bigint {
    return this.#x[index]!;
  }

  setX(index: number, value: bigint): void {
    if (index !== 0) this.#x[index] = value;
  }

  getF(index: number): bigint {
    return this.#f[index]!;
  }

  setF(index: number, value: bigint): void {
    this.#f[index] = value;
  }

  viewPage(): undefined {
    return undefined;
  }

  getCsr(address: number): bigint | undefined {
    return this.csrs.get(address);
  }

  setCsr(address: number, value: bigint): boolean {
    if (!this.csrs.has(address)) return false;
    this.csrs.set(address, value);
    return true;
  }

  readMemory(address: bigint, length: number): Uint8Array {
    return this.#memory.read(address, length);
  }

  writeMemory(address: bigint, data: Uint8Array): number {
    return this.#memory.write(address, data);
  }
}

/** The program's segments at their virtual addresses. */
class FakeMemory {
  readonly #segments = program.segments.map(({ virtualAddress, data, memorySize }) => {
    const bytes = new Uint8Array(memorySize);
    bytes.set(data);
    return { start: virtualAddress, bytes };
  });

  read(address: bigint, length: number): Uint8Array {
    return this.#slice(address, length).slice();
  }

  write(address: bigint, data: Uint8Array): number {
    const target = this.#slice(address, data.length);
    target.set(data.subarray(0, target.length));
    return target.length;
  }

  #slice(address: bigint, length: number): Uint8Array {
    for (const { start, bytes } of this.#segments) {
      const offset = address - start;
      if (offset < 0n || offset >= BigInt(bytes.length)) continue;
      return bytes.subarray(Number(offset), Number(offset) + length);
    }
    return new Uint8Array();
  }
}

export class FakeTarget implements Target, BootEvents {
  readonly harts: readonly FakeHart[];
  readonly csrs = csrs;
  readonly script: ScriptedRun[] = [];
  readonly requests: RunRequest[] = [];
  readonly consoleInput: Uint8Array[] = [];
  breakpoints: readonly bigint[] = [];
  watchpoints: readonly Watchpoint[] = [];
  trapFilter: TrapFilter | undefined;
  text: Text | undefined;
  running = false;
  exit: TargetExit | undefined;
  instructions = 1234567;
  onConsoleOutput: (bytes: Uint8Array) => void = () => undefined;
  onWaiting: () => void = () => undefined;
  onChange: () => void | Promise<void> = () => undefined;
  readonly kernel = createKernel(program);
  #pause: () => void = () => undefined;

  constructor(harts: number) {
    const memory = new FakeMemory();
    this.harts = Array.from({ length: harts }, (_, index) => new FakeHart(index, memory));
  }

  async run(request: RunRequest): Promise<TargetStop> {
    this.requests.push(request);
    this.running = true;
    const paused = new Promise<void>((resolve) => (this.#pause = resolve));
    try {
      await new Promise((resolve) => setImmediate(resolve));
      for (let next = this.script.shift(); next; next = this.script.shift()) {
        const stop = next(this, request);
        const isJudged = stop.kind === 'breakpoint' || stop.kind === 'trap';
        if (!isJudged || (request.isWanted?.(stop) ?? true)) return stop;
      }
      await paused;
      return { kind: 'pause' };
    } finally {
      this.running = false;
    }
  }

  pause(): void {
    this.#pause();
  }

  setBreakpoints(addresses: Iterable<bigint>): void {
    this.breakpoints = [...addresses];
  }

  setTrapFilter(filter: TrapFilter | undefined): void {
    this.trapFilter = filter;
  }

  setText(text: Text | undefined): void {
    this.text = text;
  }

  setWatchpoints(watchpoints: readonly Watchpoint[]): void {
    this.watchpoints = watchpoints;
  }

  sendConsoleInput(bytes: Uint8Array): void {
    this.consoleInput.push(bytes);
  }

  readonly interrupts = { sources: [], contexts: [], mtimecmp: [] };

  readPhysical(): undefined {
    return undefined;
  }

  writePhysical(): boolean {
    return false;
  }

  suspendedChain(): undefined {
    return undefined;
  }

  disassemble = architecture.disassemble.bind(architecture);
  registerName = architecture.registerName.bind(architecture);
  floatRegisterName = architecture.floatRegisterName.bind(architecture);
}

/** Stops of a script. */
export const stopAt =
  (pc: bigint, hart = 0): ScriptedRun =>
  (target) => {
    target.harts[hart]!.pc = pc;
    return { kind: 'breakpoint', hart, pc };
  };

/** A step arrives at `pc`, which is enough for whoever asked for it. */
export const stepTo =
  (pc: bigint): ScriptedRun =>
  (target, request) => {
    const hart = target.harts[0]!;
    hart.pc = pc;
    if (request.kind === 'step') request.done?.(hart);
    return { kind: 'step', hart: 0 };
  };

export const stopExit =
  (code = 0): ScriptedRun =>
  (target) => {
    target.exit = { kind: 'power-off', code };
    return { kind: 'exit', exit: target.exit };
  };

export const stopTrap =
  (trap: Partial<Trap> = {}): ScriptedRun =>
  (target) => {
    const full: Trap = {
      hart: 0,
      cause: 13n,
      epc: symbolAddress('start_kernel') + 4n,
      tval: 0xdead_0000n,
      from: 'supervisor',
      to: 'supervisor',
      ...trap,
    };
    const hart = target.harts[full.hart]!;
    hart.lastTrap = full;
    hart.csrs.set(0x142, full.cause);
    hart.pc = symbolAddress('handle_exception');
    return { kind: 'trap', trap: full };
  };

/** The kernel finds that it has moved by `slide`, and those who wait for such news are told. */
export async function moveKernel(target: FakeTarget, slide: bigint): Promise<void> {
  const offset = 0xffff_ffff_8000_0000n - 0x8020_0000n;
  const members = program.types.struct('kernel_mapping')!.members;
  const words = new Map([
    ['virt_addr', 0xffff_ffff_8000_0000n + slide],
    ['phys_addr', 0x8020_0000n],
  ]);
  target.kernel.observe((address, length) => {
    const bytes = new Uint8Array(length);
    for (const [name, word] of words) {
      const place = symbolAddress('kernel_map') - offset + BigInt(members.get(name)!.offset);
      if (address === place) new DataView(bytes.buffer).setBigUint64(0, word, true);
    }
    return bytes;
  });
  await target.onChange();
}

/** A launcher of fakes, and the targets that it made: one for each launch and restart. */
export function fakeLauncher(prepare: (target: FakeTarget) => void = () => undefined): {
  readonly launch: (options: LaunchOptions, files: FileSystem, host?: LaunchHost) => Promise<Debuggee>;
  readonly targets: FakeTarget[];
} {
  const targets: FakeTarget[] = [];
  return {
    targets,
    launch: (options, files) => {
      const target = new FakeTarget(options.smp ?? 1);
      prepare(target);
      targets.push(target);
      return Promise.resolve({
        path: options.program,
        program,
        modules: noModules,
        perform: atOnce,
        kernel: target.kernel,
        target,
        boot: target,
        sources: createSourceMap(program, options, files),
        files: [],
        firmware: [],
        warnings: [],
      });
    },
  };
}
