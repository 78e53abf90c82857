import type { DiskConfig, InterruptState, MachineExit } from './api';
import { DYNAMIC_INFO_OFFSET } from './boot';
import type { Clock } from './clock';
import type { CheckedConfig } from './config';
import type { ConsoleOutput } from './console-output';
import { InterruptLine } from './core/api';
import type { GuestMemory } from './core/guest-memory';
import { BootRom } from './devices/boot-rom';
import { Bus } from './devices/bus';
import { Clint } from './devices/clint';
import { Plic } from './devices/plic';
import { GoldfishRtc } from './devices/rtc';
import { TestDevice } from './devices/test-device';
import { Uart16550 } from './devices/uart16550';
import { VirtioBlock } from './devices/virtio/block';
import { VirtioConsole } from './devices/virtio/console';
import type { VirtioDevice } from './devices/virtio/device';
import { VirtioEntropy } from './devices/virtio/entropy';
import { VirtioMmio } from './devices/virtio/mmio';
import { Overlay } from './devices/virtio/overlay';
import { RTC_SOURCE, UART_SOURCE, VIRTIO_SLOTS, VIRTIO_SOURCE } from './memory-map';

/** Slots of the devices that are always there; disks have those before. */
const CONSOLE_SLOT = VIRTIO_SLOTS - 2;
const ENTROPY_SLOT = VIRTIO_SLOTS - 1;

/** By device ID (virtio 1.2 §5). */
const virtioNames: Readonly<Record<number, string>> = { 2: 'block', 3: 'console', 4: 'entropy' };

/** What the devices need of the machine around them. */
interface BoardHost {
  readonly memory: GuestMemory;
  readonly clock: Clock;
  readonly output: ConsoleOutput;
  /** Steps of the running hart that the clock has not been told of yet. */
  ahead(): number;
  readonly setLine: (hart: number, line: InterruptLine, level: boolean) => void;
  /** A deadline or the time itself has changed. */
  readonly timersChanged: () => void;
  readonly end: (exit: MachineExit) => void;
}

/**
 * The devices and the wires between them. Console input goes to the console that the guest wrote to last: the UART, which the built-in SBI
 * shares, or virtio's.
 */
export class Board {
  readonly bus: Bus;
  readonly clint: Clint;
  readonly rtc: GoldfishRtc;
  private readonly plic: Plic;
  private readonly uart: Uart16550;
  private readonly virtio: ReadonlyMap<number, VirtioDevice>;
  private readonly virtioConsole: VirtioConsole;
  private readonly output: ConsoleOutput;
  private inputToVirtio = false;

  /** @param dynamicInfo for the boot ROM */
  constructor(config: CheckedConfig, dynamicInfo: Uint8Array, host: BoardHost) {
    const { clock } = host;
    this.output = host.output;
    const plic = new Plic(config.harts, (context, level) => {
      const line = context % 2 === 0 ? InterruptLine.machineExternal : InterruptLine.supervisorExternal;
      host.setLine(context >> 1, line, level);
    });
    this.plic = plic;
    this.clint = new Clint(config.harts, {
      mtime: () => clock.mtime(host.ahead()),
      setMtime: (value) => clock.setMtime(value, host.ahead()),
      setLine: host.setLine,
      timersChanged: host.timersChanged,
    });
    this.rtc = new GoldfishRtc(config.epoch, {
      uptime: () => clock.uptime(host.ahead()),
      setInterrupt: (level) => plic.setSource(RTC_SOURCE, level),
      alarmChanged: host.timersChanged,
    });
    this.uart = new Uart16550({
      setInterrupt: (level) => plic.setSource(UART_SOURCE, level),
      transmit: (byte) => {
        this.inputToVirtio = false;
        this.output.writeByte(byte);
      },
    });
    this.virtioConsole = new VirtioConsole((bytes) => {
      this.inputToVirtio = true;
      this.output.write(bytes);
    });
    const virtio = this.virtioDevices(config);
    this.virtio = virtio;
    this.bus = new Bus([
      this.uart,
      plic,
      this.clint,
      ...Array.from({ length: VIRTIO_SLOTS }, (_, slot) => {
        const setInterrupt = (level: boolean) => plic.setSource(VIRTIO_SOURCE + slot, level);
        return new VirtioMmio(slot, host.memory, setInterrupt, virtio.get(slot));
      }),
      this.rtc,
      new TestDevice(host.end),
      new BootRom(dynamicInfo, DYNAMIC_INFO_OFFSET),
    ]);
  }

  /** Bytes typed at the console. */
  receive(bytes: Uint8Array): void {
    if (this.inputToVirtio) this.virtioConsole.receive(bytes);
    else this.uart.receive(bytes);
  }

  /** A byte taken by firmware, which polls the UART. */
  pollInput(): number | undefined {
    return this.uart.poll();
  }

  /** Output of firmware. */
  write(bytes: Uint8Array): void {
    this.inputToVirtio = false;
    this.output.write(bytes);
  }

  /** What interrupts harts, and how it is set. */
  get interrupts(): InterruptState {
    const wires: readonly (readonly [number, string])[] = [
      ...[...this.virtio].map(
        ([slot, { id }]) => [VIRTIO_SOURCE + slot, `virtio ${virtioNames[id] ?? id}`] as const,
      ),
      [UART_SOURCE, 'uart'],
      [RTC_SOURCE, 'rtc'],
    ];
    return {
      sources: wires
        .toSorted(([a], [b]) => a - b)
        .map(([source, device]) => ({ ...this.plic.describe(source), device })),
      contexts: this.plic.describeContexts(),
      mtimecmp: [...this.clint.mtimecmp],
    };
  }

  state(): readonly (number | bigint)[] {
    return [Number(this.inputToVirtio), ...this.bus.devices.flatMap((device) => device.state())];
  }

  private virtioDevices({ disks = [], seed }: CheckedConfig): ReadonlyMap<number, VirtioDevice> {
    return new Map<number, VirtioDevice>([
      ...disks.map((disk, slot) => [slot, new VirtioBlock(storeOf(disk), `disk${slot}`)] as const),
      [CONSOLE_SLOT, this.virtioConsole],
      [ENTROPY_SLOT, new VirtioEntropy(seed)],
    ]);
  }
}

const storeOf = ({ store, write = false }: DiskConfig) => (write ? store : new Overlay(store));
