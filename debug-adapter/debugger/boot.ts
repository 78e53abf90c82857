/** From the options of a launch to a machine that has the kernel in memory and has not run yet. Reads no symbols. */
import { symbolValues } from '../image/elf-symbols';
import { readFirmwareFile, readKernelFile, type KernelFile } from '../image/kernel-file';
import { physicalAddress, ramBase, type LoadedImage } from '../image/placement';
import { createTarget, type TargetConfig } from '../target/create-target';
import { TargetConfigError, type AddressRange, type Target } from '../target/target';
import { UserError, type FileSystem, type LaunchHost, type LaunchOptions } from './api';
import { openDisks } from './disks';
import { emptyFile } from './errors';
import { KeptFiles, type OpenFile } from './kept-files';
import { LaunchFiles, parsing } from './launch-files';
import { machineOptions } from './machine-options';

export interface BootedMachine {
  /** That of `options.program`. */
  readonly file: OpenFile;
  readonly kernel: KernelFile;
  readonly target: Target;
  /** Physical addresses of the code of firmware that is the user's. */
  readonly firmware: readonly AddressRange[];
  /** Sentences worth showing once. */
  readonly warnings: readonly string[];
}

/** Rejects with `UserError` for everything that the user can mend. */
export async function boot(
  options: LaunchOptions,
  fileSystem: FileSystem,
  host: LaunchHost = {},
  kept = new KeptFiles(),
): Promise<BootedMachine> {
  const files = new LaunchFiles(fileSystem, host, kept);
  const machine = machineOptions(options);
  const file = await files.open('kernel', options.program);
  const kernel = await parsing(file, () => readKernelFile(file.source));
  const firmware = await readFirmware(options, files, kernel.image);
  const config = {
    ...machine,
    ...(await readImages(options, files)),
    ...(await openDisks(options, files)),
    image: kernel.image,
    firmware,
    ...hostInterface(kernel),
  };
  host.progress?.('Building the machine');
  const target = build({ ...config, ...(host.pace !== undefined && { pace: host.pace }) });
  return { file, kernel, target, firmware: codeOf(firmware), warnings: kernel.warnings };
}

/**
 * A kernel that starts where firmware would be leaves no room for any: it is an M-mode program, and QEMU could run it with
 * `-bios none` only. All others start in S-mode under the built-in SBI unless the user says otherwise.
 */
async function readFirmware(
  { firmware }: LaunchOptions,
  files: LaunchFiles,
  image: LoadedImage,
): Promise<'builtin' | 'none' | LoadedImage> {
  if (firmware === 'builtin' || firmware === 'none') return firmware;
  if (firmware === undefined) return image.entry === ramBase ? 'none' : 'builtin';
  const file = await files.open('firmware', firmware);
  return parsing(file, () => readFirmwareFile(file.source));
}

function codeOf(firmware: 'builtin' | 'none' | LoadedImage): readonly AddressRange[] {
  if (typeof firmware === 'string') return [];
  return firmware.segments
    .filter(({ executable }) => executable)
    .map(({ physicalAddress: start, memorySize }) => ({ start, end: start + BigInt(memorySize) }));
}

/** The words through which test programs end, print and call their host, where the program has them (HTIF). */
function hostInterface({ elf, image }: KernelFile): Pick<TargetConfig, 'tohost' | 'fromhost'> {
  const words = elf ? symbolValues(elf, ['tohost', 'fromhost']) : new Map<string, bigint>();
  const physical = [...words].map(
    ([name, address]) => [name, physicalAddress(image.segments, address)] as const,
  );
  return Object.fromEntries(physical);
}

async function readImages(
  { initrd, dtb }: LaunchOptions,
  files: LaunchFiles,
): Promise<Pick<TargetConfig, 'initrd' | 'dtb'>> {
  const disk = initrd === undefined ? undefined : await files.read('initrd', initrd);
  if (disk?.bytes.length === 0) throw emptyFile('initrd', disk.path);
  return {
    ...(disk && { initrd: disk.bytes }),
    ...(dtb !== undefined && { dtb: (await files.read('device tree', dtb)).bytes }),
  };
}

function build(config: TargetConfig): Target {
  try {
    return createTarget(config);
  } catch (error) {
    throw error instanceof TargetConfigError ? new UserError(error.message) : error;
  }
}
