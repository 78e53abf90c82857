/** The kernel layer: layouts, tasks, stacks and boot addresses of the program under debug, behind one interface. */
import type { Program, ProgramSymbol } from '../symbols/api';
import { RegisterList } from '../unwind/registers';
import type { KnownRegisters, PtRegsLayout, ReadMemory, StackBounds } from '../unwind/types';
import type { HartState, Kernel, Task, WalkContext } from './api';
import { BootState } from './boot-state';
import { BugTable, bugTableTypes, type Bug } from './bug-table';
import { madeCode, physicalText, type CodePlaces } from './code-places';
import { CpuStacks } from './cpu-stacks';
import { ExceptionCode } from './exception-code';
import { ExceptionTable, exceptionTableTypes } from './exception-table';
import { KernelImage } from './kernel-image';
import { initMemory, kernelText, type TextRange } from './kernel-text';
import { KernelMemory } from './kernel-memory';
import { ModuleList, moduleMilestones, moduleTypes } from './module-list';
import { ModuleText } from './module-text';
import { OriginalReturns, originalReturnTypes } from './original-returns';
import { PerCpu } from './per-cpu';
import { ptRegsLayout } from './pt-regs-layout';
import { ShadowCallStacks } from './shadow-call-stack';
import { StartDoubt } from './start-doubt';
import { Tasks } from './tasks';
import { kernelViews, type KernelViews } from './views';

/** The types that the kernel layer looks up in a program, for `Program.prepare`. */
export function kernelTypes(program: Program): readonly string[] {
  return [
    ...['pt_regs', 'task_struct', 'thread_union', 'kernel_mapping'],
    ...originalReturnTypes(program),
    ...moduleTypes(program),
    ...exceptionTableTypes,
    ...bugTableTypes,
  ];
}

/**
 * `program.segments` are as loaded: where a boot loader does not follow the file's physical addresses (Linux's vmlinux
 * counts them from 0), the caller puts the true ones in. Never throws: what the program does not describe is left out and
 * said in `warnings`.
 */
export function createKernel(program: Program): Kernel {
  return new ProgramKernel(program);
}

class ProgramKernel implements Kernel {
  readonly layout: PtRegsLayout;
  readonly hasMetadata: boolean;
  readonly bootOffset: bigint;
  readonly taskSwitch: ProgramSymbol | undefined;
  readonly warnings: readonly string[];
  readonly views: KernelViews;
  readonly moduleMilestones: readonly bigint[];
  readonly #text: readonly TextRange[];
  readonly #init: TextRange | undefined;
  readonly #boot: BootState;
  readonly #symbols: Program['symbols'];
  readonly #image: KernelImage;
  readonly #perCpu: PerCpu;
  readonly #tasks: Tasks;
  readonly #cpuStacks: CpuStacks;
  readonly #exceptionCode: ExceptionCode;
  readonly #doubt: StartDoubt;
  readonly #modules: ModuleText;
  readonly #fixups: ExceptionTable;
  readonly #bugs: BugTable;
  readonly #originals: OriginalReturns;
  readonly #shadows: ShadowCallStacks;

  constructor(program: Program) {
    this.layout = ptRegsLayout(program.types);
    this.hasMetadata = this.layout.stackframe !== undefined;
    this.#symbols = program.symbols;
    this.#image = new KernelImage(program);
    this.#text = kernelText(program, this.#image);
    this.#init = initMemory(program);
    this.#boot = new BootState(program, this.#image);
    this.bootOffset = this.#image.offset;
    this.taskSwitch = program.symbols.named('__switch_to')[0];
    const perCpu = new PerCpu(program, this.#image);
    this.#perCpu = perCpu;
    this.#tasks = new Tasks(program, this.#image, perCpu, this.layout);
    this.#cpuStacks = new CpuStacks(program, this.#image, perCpu, this.#tasks.threadSize);
    this.#exceptionCode = new ExceptionCode(program, this.#image);
    this.moduleMilestones = moduleMilestones(program);
    const modules = new ModuleList(program, this.#image);
    this.#modules = new ModuleText(modules, this.#image);
    this.#fixups = new ExceptionTable(program);
    this.#bugs = new BugTable(program);
    this.#originals = new OriginalReturns(program, this.#image);
    this.#shadows = new ShadowCallStacks(program, perCpu);
    this.views = kernelViews(program, this.#image, modules, perCpu);
    this.#doubt = new StartDoubt(
      this.#image,
      this.#exceptionCode,
      this.layout,
      this.#tasks.layout !== undefined,
    );
    this.warnings = [
      ...(this.layout.source === 'constants'
        ? [
            'The program does not describe struct pt_regs: offsets of Linux 7.3 with frame record metadata are assumed.',
          ]
        : []),
      ...(this.#tasks.layout
        ? []
        : [
            'The program does not describe struct task_struct: tasks and their stacks are not known, and call stacks end in their first frame. Linux describes it with CONFIG_DEBUG_INFO_DWARF5, without DEBUG_INFO_REDUCED and DEBUG_INFO_SPLIT.',
          ]),
    ];
  }

  hartContext(hart: HartState, memory: ReadMemory): WalkContext {
    const data = new KernelMemory(memory, this.#image);
    const task = this.#tasks.current(hart, data);
    const pc = hart.pc;
    const fp = hart.getX(8);
    return {
      task,
      start:
        hart.privilege === 'user'
          ? { kind: 'user', pc, fp, registers: registersOf(hart) }
          : { kind: 'registers', pc, fp, sp: hart.getX(2), registers: registersOf(hart) },
      stacks: this.#hartStacks(hart, task, data),
      layout: this.layout,
      note: this.#doubt.of(hart, task, data),
      ...this.#ofStop(task, data),
    };
  }

  blockedContext(task: Task, memory: ReadMemory): WalkContext {
    const data = new KernelMemory(memory, this.#image);
    const layout = this.#tasks.layout;
    const word = (offset: number | undefined) =>
      offset === undefined ? undefined : data.u64(task.address + BigInt(offset));
    const pc = word(layout?.threadRa) ?? 0n;
    const sp = word(layout?.threadSp) ?? 0n;
    const s = Array.from({ length: 12 }, (_, n) => word(layout && layout.threadS + 8 * n) ?? 0n);
    return {
      task,
      start: {
        kind: 'blocked',
        pc,
        fp: s[0]!,
        sp,
        isReturnAddress: !this.#isEntry(pc),
        registers: switchedRegisters(pc, sp, s),
      },
      stacks: [task.stack],
      layout: this.layout,
      note: this.#tasks.isOnCpu(task, data)
        ? 'the task runs on a CPU: what its thread_struct holds is old'
        : this.#doubt.ofAnyWalk,
      ...this.#ofStop(task, data),
    };
  }

  shadowCallStack(of: HartState | Task, memory: ReadMemory): readonly bigint[] | undefined {
    const data = new KernelMemory(memory, this.#image);
    if (!('getX' in of)) return this.#shadows.ofBlocked(of, data);
    const task = this.#tasks.current(of, data);
    return task && this.#shadows.ofHart(of, task, data);
  }

  currentTask(hart: HartState, memory: ReadMemory): Task | undefined {
    return this.#tasks.current(hart, new KernelMemory(memory, this.#image));
  }

  currentTaskAddress(hart: HartState): bigint {
    return this.#tasks.currentAddress(hart);
  }

  perCpuOffset(cpu: number, memory: ReadMemory): bigint | undefined {
    return this.#perCpu.offset(cpu, new KernelMemory(memory, this.#image));
  }

  tasks(memory: ReadMemory): readonly Task[] {
    return this.#tasks.all(new KernelMemory(memory, this.#image));
  }

  get slide(): bigint {
    return this.#image.slide;
  }

  get initFreed(): boolean {
    return this.#boot.initFreed;
  }

  get booting(): boolean {
    return this.#boot.booting;
  }

  get milestones(): readonly bigint[] {
    return this.#boot.milestones;
  }

  observe(readPhysical: ReadMemory): boolean {
    return this.#boot.observe(readPhysical);
  }

  get code(): CodePlaces {
    const text = this.initFreed
      ? this.#text.filter(({ start }) => !(this.#init && contains(this.#init, start)))
      : this.#text;
    return {
      physical: physicalText(text, this.#image),
      virtual: madeCode(this.#symbols, this.#image, this.#boot.pageOffset),
    };
  }

  isKernelText(address: bigint): boolean {
    return this.#text.some((range) => contains(range, address));
  }

  isExceptionEntry(pc: bigint): boolean {
    return this.#exceptionCode.part(pc) === 'entry';
  }

  isTrampoline(pc: bigint): boolean {
    return this.#originals.isTrampoline(pc);
  }

  isKernelAddress(address: bigint): boolean {
    return this.#image.isKernelHalf(address);
  }

  isExceptionCode(pc: bigint): boolean {
    return this.#exceptionCode.has(pc);
  }

  get knowsBugs(): boolean {
    return this.#bugs.exists;
  }

  bugAt(pc: bigint): Bug | undefined {
    return this.#bugs.at(this.linkAddress(pc, false).address);
  }

  fixupOf(pc: bigint): bigint | undefined {
    const fixup = this.#fixups.at(this.linkAddress(pc, false).address);
    return fixup && this.#image.linkToRunning(fixup);
  }

  runsModuleText(pc: bigint, memory: ReadMemory): boolean {
    return this.#modules.at(new KernelMemory(memory, this.#image))(pc);
  }

  isInitText(address: bigint): boolean {
    return this.#init !== undefined && contains(this.#init, address) && this.isKernelText(address);
  }

  runsKernelText(pc: bigint, bare: boolean): boolean {
    // By far the most common case, and asked for each row of a stack.
    if (!bare && this.slide === 0n) return this.isKernelText(pc);
    const { address, physical } = this.linkAddress(pc, bare);
    if (!physical && this.#image.contains(address) && this.#image.linkToRunning(address) !== pc) return false;
    return this.isKernelText(address);
  }

  linkAddress(pc: bigint, bare: boolean): { readonly address: bigint; readonly physical: boolean } {
    const running = this.#image.runningToLink(pc);
    if (running !== undefined) return { address: running, physical: false };
    const link = bare && this.bootOffset !== 0n ? this.#image.physicalToLink(pc) : undefined;
    return link === undefined ? { address: pc, physical: false } : { address: link, physical: true };
  }

  runAddresses(address: bigint): readonly bigint[] {
    const running = this.#image.linkToRunning(address);
    const physical = this.#image.linkToPhysical(address);
    return physical === undefined || physical === running ? [running] : [running, physical];
  }

  /** What the machine's memory says while it stands still. */
  #ofStop(
    task: Task | undefined,
    memory: KernelMemory,
  ): Pick<WalkContext, 'isModuleText' | 'originalReturns'> {
    return {
      isModuleText: this.#modules.at(memory),
      originalReturns: this.#originals.searches(task, memory),
    };
  }

  /** True if a pc is where a symbol begins: nothing returns there. */
  #isEntry(pc: bigint): boolean {
    const { address } = this.linkAddress(pc, false);
    return this.#symbols.at(address)?.address === address;
  }

  /** R5. A bare hart uses the physical addresses of stacks in the image, and no others. */
  #hartStacks(hart: HartState, task: Task | undefined, memory: KernelMemory): readonly StackBounds[] {
    if (!task) return [];
    const stacks = [task.stack, ...this.#cpuStacks.of(task.cpu, memory)];
    if (!hart.bare || this.bootOffset === 0n) return stacks;
    return stacks.flatMap((stack) => {
      const low = this.#image.runningToPhysical(stack.low);
      return low === undefined ? [] : [{ ...stack, low, high: low + (stack.high - stack.low) }];
    });
  }
}

function registersOf(hart: HartState): KnownRegisters {
  return new RegisterList(
    Array.from({ length: 32 }, (_, index) => (index === 0 ? undefined : hart.getX(index))),
  );
}

function contains({ start, end }: TextRange, address: bigint): boolean {
  return address >= start && address < end;
}

/** What __switch_to saves of a task, as it will be when it returns there: ra, sp, s0 and s1, s2 to s11. */
function switchedRegisters(pc: bigint, sp: bigint, s: readonly bigint[]): KnownRegisters {
  const index = (n: number) => (n < 2 ? 8 + n : 16 + n);
  return new Map([[1, pc], [2, sp], ...s.map((value, n): [number, bigint] => [index(n), value])]);
}
