/** From a configuration in a debugger's words to a machine of the emulator that has not run yet. */
import { MachineConfigError, type BootImage, type DiskConfig } from '../../emulator/api';
import { Machine } from '../../emulator/machine';
import { architecture } from './architecture';
import { EmulatorTarget, type EmulatorTargetOptions } from './emulator-target';
import { TargetConfigError, type Target } from './target';

export type { BlockStore } from '../../emulator/api';

/** A piece of an image at its physical address; from `data.length` to `memorySize` it is zero. */
interface ImageSegment {
  readonly physicalAddress: bigint;
  readonly data: Uint8Array;
  readonly memorySize: number;
}

export interface Image {
  readonly segments: readonly ImageSegment[];
  /** Physical address of the first instruction. */
  readonly entry: bigint;
}

export interface TargetConfig extends EmulatorTargetOptions {
  readonly image: Image;
  readonly harts?: number;
  /** Bytes of RAM. */
  readonly memory?: number;
  readonly firmware: 'builtin' | 'none' | Image;
  readonly initrd?: Uint8Array;
  readonly append?: string;
  readonly kaslrSeed?: bigint;
  /** What the harts execute, as an ISA string. */
  readonly isa?: string;
  readonly dtb?: Uint8Array;
  readonly disks?: readonly DiskConfig[];
  /** What the real-time clock shows at power-on, in milliseconds since 1970. */
  readonly epoch?: number;
  /** Of the entropy device. */
  readonly seed?: bigint;
  /** Hot code is translated to WebAssembly; false leaves all to the interpreter. Default true. */
  readonly translate?: boolean;
  /** For `callChain` and `suspendedChain`. Nothing is translated then. Default false. */
  readonly recordCalls?: boolean;
  /** Physical address of the HTIF word through which test programs end (riscv-tests). */
  readonly tohost?: bigint;
  /** And that in which they find replies. */
  readonly fromhost?: bigint;
}

/** Throws `TargetConfigError` for what cannot become a machine. */
export function createTarget(config: TargetConfig): Target {
  const { image, firmware, tohost, fromhost, maxInstructions, pace, scheduler, ...rest } = config;
  const machine = build({
    ...rest,
    image: bootImage(image),
    ...(tohost !== undefined && { tohost: Number(tohost) }),
    ...(fromhost !== undefined && { fromhost: Number(fromhost) }),
    firmware: typeof firmware === 'string' ? firmware : bootImage(firmware),
  });
  return new EmulatorTarget(machine, architecture, {
    ...(maxInstructions !== undefined && { maxInstructions }),
    ...(pace !== undefined && { pace }),
    ...(scheduler && { scheduler }),
  });
}

function build(config: ConstructorParameters<typeof Machine>[0]): Machine {
  try {
    return new Machine(config);
  } catch (error) {
    throw error instanceof MachineConfigError ? new TargetConfigError(error.message) : error;
  }
}

/** Physical addresses beyond 2^53 are beyond every machine's RAM: the nearest number is as wrong as they are. */
function bootImage({ segments, entry }: Image): BootImage {
  return {
    segments: segments.map(({ physicalAddress, data, memorySize }) => ({
      address: Number(physicalAddress),
      data,
      memorySize,
    })),
    entry: Number(entry),
  };
}
