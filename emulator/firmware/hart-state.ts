import type { HartControl } from '../core/api';
import { clearTimer, keepInterrupts } from './interrupts';
import {
  failure,
  exactNumber,
  SbiError,
  success,
  word,
  type FirmwareHost,
  type SbiExtension,
  type SbiFunction,
} from './sbi';

const HSM_ID = 0x0048_534d;

/** Hart states as `hart_get_status` gives them. Changes take no time here, so the pending states never show. */
const Status = { started: 0n, stopped: 1n, suspended: 4n } as const;

const SUSPEND_RETENTIVE = 0;
const SUSPEND_NON_RETENTIVE = 0x8000_0000;

const Csr = { mie: 0x304, mip: 0x344 } as const;

/** Where a hart goes on after a suspend that did not keep its registers. */
interface Resume {
  readonly pc: bigint;
  readonly opaque: bigint;
}

/** Hart state management: start, stop, status, suspend (SBI 2.0, "HSM"). */
export class HartStateManagement implements SbiExtension {
  readonly id = HSM_ID;
  readonly functions: readonly SbiFunction[];
  private readonly host: FirmwareHost;
  private readonly resumes = new Map<number, Resume>();

  constructor(host: FirmwareHost) {
    this.host = host;
    this.functions = [
      ({ args }) => this.start(args[0]!, args[1]!, args[2]!),
      ({ hart }) => this.stop(hart),
      ({ args }) => this.status(args[0]!),
      ({ hart, args }) => this.suspend(hart, word(args[0]!), args[1]!, args[2]!),
    ];
  }

  /** Before a hart gets its turn: one that was suspended without keeping its registers may have to start afresh. */
  resume(hart: HartControl): void {
    const resume = this.resumes.get(hart.id);
    if (resume === undefined) return;
    const pending = (hart.getCsr(Csr.mip) ?? 0n) & (hart.getCsr(Csr.mie) ?? 0n);
    if (pending === 0n) return;
    this.resumes.delete(hart.id);
    keepInterrupts(hart, () => this.host.startSupervisor(hart, resume.pc, resume.opaque));
  }

  state(): readonly (number | bigint)[] {
    return [...this.resumes].flatMap(([hart, { pc, opaque }]) => [hart, pc, opaque]);
  }

  private start(hartid: bigint, address: bigint, opaque: bigint): ReturnType<SbiFunction> {
    const hart = this.find(hartid);
    if (hart === undefined) return failure(SbiError.invalidParam);
    if (hart.state !== 'stopped') return failure(SbiError.alreadyAvailable);
    if (!this.isExecutable(address)) return failure(SbiError.invalidAddress);
    this.host.startSupervisor(hart, address, opaque);
    clearTimer(this.host, hart);
    return success();
  }

  private stop(hart: HartControl): undefined {
    hart.stop();
  }

  private status(hartid: bigint): ReturnType<SbiFunction> {
    const hart = this.find(hartid);
    if (hart === undefined) return failure(SbiError.invalidParam);
    switch (hart.state) {
      case 'stopped':
        return success(Status.stopped);
      case 'suspended':
        return success(Status.suspended);
      case 'running':
      case 'waiting':
        return success(Status.started);
    }
  }

  private suspend(hart: HartControl, type: number, address: bigint, opaque: bigint): ReturnType<SbiFunction> {
    switch (type) {
      case SUSPEND_RETENTIVE:
        hart.suspend();
        return success();
      case SUSPEND_NON_RETENTIVE:
        if (!this.isExecutable(address)) return failure(SbiError.invalidAddress);
        hart.suspend();
        this.resumes.set(hart.id, { pc: address, opaque });
        return undefined;
      default:
        return failure(SbiError.invalidParam);
    }
  }

  private find(hartid: bigint): HartControl | undefined {
    return this.host.harts.find((hart) => BigInt(hart.id) === hartid);
  }

  private isExecutable(address: bigint): boolean {
    const physical = exactNumber(address);
    return physical !== undefined && physical % 2 === 0 && this.host.memory.contains(physical, 2);
  }
}
