import {
  MachineConfigError,
  Privilege,
  type CallChain,
  type HartView,
  type InterruptState,
  type MachineApi,
  type MachineConfig,
  type MachineExit,
  type RunRequest,
  type RunStop,
  type Text,
  type TrapFilter,
  type Watchpoint,
} from './api';
import { Board } from './board';
import { DYNAMIC_INFO_OFFSET, planBoot, type BootPlan } from './boot';
import { Clock } from './clock';
import { checkConfig, type CheckedConfig } from './config';
import { ConsoleOutput } from './console-output';
import type { BoardForHart, HartControl, InterruptLine } from './core/api';
import { Core } from './core/core';
import type { TranslationStatistics } from './core/translator';
import { STEPS_PER_INSTRUCTION } from './core/translator';
import { Hart } from './core/hart';
import { Htif } from './devices/htif';
import { Digest } from './digest';
import { Firmware, grantSupervisor } from './firmware/firmware';
import { MemoryMap } from './memory-map';
import { RunLoop } from './run-loop';
import { Schedule } from './schedule';
import { Timers } from './timers';

const BOOT_HART = 0;
const A2 = 12;

/**
 * The board: RAM, harts, devices and firmware, wired as on QEMU's `virt` machine. It runs when told to and is
 * deterministic: its state is a function of the configuration, the number of steps and the console input with the step at
 * which it arrived. A reset ends the machine; to restart, build a new one.
 */
export class Machine implements MachineApi {
  readonly deviceTree: Uint8Array;
  private readonly core: Core;
  private readonly controls: readonly HartControl[];
  private readonly clock = new Clock();
  private readonly schedule: Schedule;
  private readonly timers: Timers;
  private readonly loop: RunLoop;
  private readonly board: Board;
  private readonly firmware: Firmware | undefined;
  private readonly htif: Htif | undefined;
  private readonly output = new ConsoleOutput();
  private ended: MachineExit | undefined;

  /**
   * @param stepsPerInstruction how hot code must be to be translated: see there
   * @throws MachineConfigError
   */
  constructor(config: MachineConfig, stepsPerInstruction = STEPS_PER_INSTRUCTION) {
    const checked = checkConfig(config);
    const plan = planBoot(checked);
    this.deviceTree = plan.deviceTree;
    this.core = buildCore(checked, stepsPerInstruction);
    for (const { address, data } of plan.segments) this.core.memory.write(address, data);

    const board = this.boardForHarts();
    this.controls = Array.from({ length: checked.harts }, (_, id) => new Hart(id, this.core, board));
    this.board = this.buildBoard(checked, plan.dynamicInfo ?? new Uint8Array(0));
    this.timers = new Timers(this.controls, this.clock, this.board.clint, this.board.rtc);
    this.schedule = new Schedule(checked.harts);
    this.firmware = checked.firmware === 'builtin' ? this.buildFirmware() : undefined;
    this.htif = this.buildHtif(checked);
    this.loop = this.buildLoop();
    this.powerOn(plan);
  }

  get harts(): readonly HartView[] {
    return this.controls;
  }

  get instructions(): number {
    return this.controls.reduce((sum, hart) => sum + hart.instret, 0);
  }

  get time(): number {
    return Number(this.clock.mtime());
  }

  get exit(): MachineExit | undefined {
    return this.ended;
  }

  get onConsoleOutput(): (bytes: Uint8Array) => void {
    return this.output.listener;
  }

  set onConsoleOutput(listener: (bytes: Uint8Array) => void) {
    this.output.listener = listener;
  }

  /** `undefined` if nothing is translated. */
  get translation(): TranslationStatistics | undefined {
    return this.core.translator?.statistics;
  }

  run(request: RunRequest): RunStop {
    const stop = this.loop.run(request);
    this.output.flush();
    return stop;
  }

  setBreakpoints(addresses: Iterable<bigint>): void {
    this.core.setBreakpoints(addresses);
  }

  setTrapFilter(filter: TrapFilter | undefined): void {
    this.core.trapFilter = filter;
  }

  setText(text: Text | undefined): void {
    this.core.setText(text);
  }

  setWatchpoints(watchpoints: Iterable<Watchpoint>): void {
    this.core.setWatchpoints(watchpoints);
  }

  sendConsoleInput(bytes: Uint8Array): void {
    this.board.receive(bytes);
  }

  get interrupts(): InterruptState {
    return this.board.interrupts;
  }

  suspendedChain(sp: bigint): CallChain | undefined {
    return this.core.calls?.find(sp);
  }

  readPhysical(address: number, length: number): Uint8Array | undefined {
    return this.core.memory.read(address, length);
  }

  viewPhysical(address: number, length: number): Uint8Array | undefined {
    return this.core.memory.part(address, length);
  }

  writePhysical(address: number, data: Uint8Array): boolean {
    return this.core.memory.write(address, data, 'debugger');
  }

  digest(): string {
    const digest = new Digest();
    for (const hart of this.controls) digest.add(hart.stateForDigest());
    digest.add(this.board.state());
    digest.add(this.clock.state());
    digest.add(this.schedule.state());
    digest.add(this.timers.state());
    if (this.firmware) digest.add(this.firmware.state());
    if (this.htif) digest.add(this.htif.state());
    digest.addMemory(this.core.memory.ram);
    return digest.hex();
  }

  private boardForHarts(): BoardForHart {
    return {
      readDevice: (hart, address, size) => this.board.bus.read(hart, address, size),
      writeDevice: (hart, address, size, value) => this.board.bus.write(hart, address, size, value),
      time: () => this.clock.timebase(this.loop.ahead),
      environmentCall: (id) => {
        if (!this.firmware) return false;
        const fault = this.firmware.call(this.controls[id]!);
        // The call may have set a timer, started or stopped harts, or ended the machine.
        this.reschedule();
        return fault ?? true;
      },
    };
  }

  private buildBoard(config: CheckedConfig, dynamicInfo: Uint8Array): Board {
    return new Board(config, dynamicInfo, {
      memory: this.core.memory,
      clock: this.clock,
      output: this.output,
      ahead: () => this.loop.ahead,
      setLine: (hart, line, level) => this.setLine(hart, line, level),
      timersChanged: () => this.reschedule(),
      end: (exit) => this.end(exit),
    });
  }

  private buildFirmware(): Firmware {
    return new Firmware({
      harts: this.controls,
      memory: this.core.memory,
      writeConsole: (bytes) => this.board.write(bytes),
      readConsole: () => this.board.pollInput(),
      end: (exit) => this.end(exit),
      setTimer: (hart, deadline) => this.timers.setDeadline(hart.id, deadline),
      startSupervisor: (hart, pc, opaque) => this.startSupervisor(hart, pc, opaque),
    });
  }

  private buildHtif({ tohost, fromhost }: CheckedConfig): Htif | undefined {
    if (tohost === undefined) return undefined;
    return new Htif(
      { tohost, fromhost },
      {
        memory: this.core.memory,
        writeConsole: (bytes) => this.board.write(bytes),
        readConsole: () => this.board.pollInput(),
        end: (exit) => this.end(exit),
      },
    );
  }

  private buildLoop(): RunLoop {
    const { controls: harts, clock, schedule, timers, firmware, htif } = this;
    return new RunLoop({
      harts,
      clock,
      schedule,
      timers,
      exit: () => this.ended,
      watchHits: () => this.core.watch.hits,
      beforeTurn: (hart) => firmware?.beforeTurn(hart),
      poll: htif && (() => htif.poll()),
    });
  }

  private powerOn(plan: BootPlan): void {
    const deviceTree = BigInt(plan.deviceTreeAddress);
    const entry = BigInt(plan.entry);
    for (const hart of this.controls) {
      if (this.firmware) {
        if (hart.id === BOOT_HART) this.startSupervisor(hart, entry, deviceTree);
        else hart.stop();
      } else {
        hart.start(entry, plan.privilege, BigInt(hart.id), deviceTree);
        // QEMU's reset vector leaves the address there whether the firmware uses it or not.
        hart.setX(A2, BigInt(MemoryMap.bootRom.base + DYNAMIC_INFO_OFFSET));
      }
    }
  }

  private startSupervisor(hart: HartControl, pc: bigint, opaque: bigint): void {
    hart.start(pc, Privilege.supervisor, BigInt(hart.id), opaque);
    grantSupervisor(hart);
  }

  private setLine(hart: number, line: InterruptLine, level: boolean): void {
    this.controls[hart]!.setInterruptLine(line, level);
    // The running hart must see a change of its own lines before its next instruction.
    this.loop.interrupt();
  }

  private reschedule(): void {
    this.timers.changed();
    this.loop.interrupt();
  }

  private end(exit: MachineExit): void {
    this.ended ??= exit;
    this.loop.interrupt();
  }
}

function buildCore(config: CheckedConfig, stepsPerInstruction: number): Core {
  const { memory, extensions, translate, recordCalls, harts } = config;
  try {
    return recordCalls
      ? new Core(memory, extensions, undefined, harts)
      : new Core(memory, extensions, translate ? stepsPerInstruction : undefined);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new MachineConfigError(
      `This computer has no room for a machine with ${memory / 1024 / 1024} MiB of memory; ask for less.`,
    );
  }
}
