/** From the options of a launch to a machine that has the kernel in memory and has not run yet. */
import { createKernel } from '../kernel/kernel';
import { ProgramError, type Program, type ProgramSegment } from '../symbols/api';
import { loadProgram } from '../symbols/program';
import { createTarget, type Image, type TargetConfig } from '../target/create-target';
import { TargetConfigError, type Target } from '../target/target';
import { UserError, type Debuggee, type FileSystem, type LaunchHost, type LaunchOptions } from './api';
import {
  badElf,
  badHarts,
  badLimit,
  badMemory,
  cannotRead,
  isDirectory,
  noSuchFile,
  nothingToLoad,
  type FileRole,
} from './errors';
import { parseMemorySize } from './memory-size';
import { createSourceMap } from './sources';

/** QEMU `virt`: RAM begins here, and with it the firmware. */
const ramBase = 0x8000_0000n;
/** Where OpenSBI starts an S-mode kernel: behind itself, on the 2 MiB boundary that Linux needs for its first mappings. */
const supervisorBase = 0x8020_0000n;
const pageSize = 4096;
const mostMemory = 2 ** 31;
const mostHarts = 8;

/** Rejects with `UserError` for everything that the user can mend. */
export async function launch(
  options: LaunchOptions,
  files: FileSystem,
  host: LaunchHost = {},
): Promise<Debuggee> {
  const { progress = () => undefined } = host;
  const path = files.resolve(options.program);
  progress(`Reading ${path}`);
  const program = parse('kernel', path, await read(files, 'kernel', path));
  const segments = place(program.segments);
  if (!segments) throw nothingToLoad(path);

  const image = { segments, entry: physicalAddress(segments, program.entry) };
  const [tohost] = program.symbols.named('tohost');
  const firmware = await readFirmware(options, files, image);
  const config = {
    ...machineOptions(options),
    ...(await readImages(options, files)),
    image,
    firmware,
    ...(tohost && { tohost: physicalAddress(segments, tohost.address) }),
  };
  progress('Building the machine');
  const target = build({ ...config, ...(host.pace !== undefined && { pace: host.pace }) });
  const kernel = createKernel({ ...program, segments });
  const sources = createSourceMap(program, options, files);
  return {
    path,
    program,
    kernel,
    target,
    sources,
    get warnings() {
      return [...program.warnings, ...kernel.warnings];
    },
  };
}

async function read(files: FileSystem, role: FileRole, path: string): Promise<Uint8Array> {
  const kind = await files.kind(path);
  if (kind === undefined) throw noSuchFile(role, path);
  if (kind === 'directory') throw isDirectory(role, path);
  const bytes = await files.readFile(path);
  if (!bytes) throw cannotRead(role, path);
  return bytes;
}

function parse(role: FileRole, path: string, bytes: Uint8Array): Program {
  try {
    return loadProgram(bytes);
  } catch (error) {
    throw error instanceof ProgramError ? badElf(role, path, error.message) : error;
  }
}

/**
 * Segments at the physical addresses that the file asks for. A file whose own ones are not in RAM (Linux's vmlinux counts them
 * from 0) is moved as a whole to where firmware starts a kernel.
 */
function place(segments: readonly ProgramSegment[]): readonly ProgramSegment[] | undefined {
  const sorted = segments
    .filter(({ memorySize }) => memorySize > 0)
    .toSorted((a, b) => (a.virtualAddress < b.virtualAddress ? -1 : 1));
  const [first] = sorted;
  if (!first) return undefined;
  const lowest = sorted.reduce(
    (low, { physicalAddress: at }) => (at < low ? at : low),
    first.physicalAddress,
  );
  const shift = lowest < ramBase ? supervisorBase - lowest : 0n;
  return sorted.map((segment) => ({ ...segment, physicalAddress: segment.physicalAddress + shift }));
}

/** The physical address of an address of the file, which is virtual where some segment is; else it is taken as it is. */
function physicalAddress(segments: readonly ProgramSegment[], address: bigint): bigint {
  const home = segments.find(
    ({ virtualAddress, memorySize }) =>
      address >= virtualAddress && address < virtualAddress + BigInt(memorySize),
  );
  return home ? home.physicalAddress + (address - home.virtualAddress) : address;
}

/**
 * A kernel that starts where firmware would be leaves no room for any: it is an M-mode program, and QEMU could run it with
 * `-bios none` only. All others start in S-mode under the built-in SBI unless the user says otherwise.
 */
async function readFirmware(
  { firmware }: LaunchOptions,
  files: FileSystem,
  image: Image,
): Promise<TargetConfig['firmware']> {
  if (firmware === 'builtin' || firmware === 'none') return firmware;
  if (firmware === undefined) return image.entry === ramBase ? 'none' : 'builtin';
  const path = files.resolve(firmware);
  const bytes = await read(files, 'firmware', path);
  if (!isElf(bytes)) {
    return {
      segments: [{ physicalAddress: ramBase, data: bytes, memorySize: bytes.length }],
      entry: ramBase,
    };
  }
  const { segments, entry } = parse('firmware', path, bytes);
  return { segments, entry };
}

function isElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

type MachineOptions = Pick<TargetConfig, 'harts' | 'memory' | 'append' | 'maxInstructions'>;

function machineOptions({ smp, memory, append, maxInstructions }: LaunchOptions): MachineOptions {
  if (smp !== undefined && !(Number.isInteger(smp) && smp >= 1 && smp <= mostHarts)) throw badHarts(smp);
  if (maxInstructions !== undefined && !(Number.isSafeInteger(maxInstructions) && maxInstructions > 0)) {
    throw badLimit(maxInstructions);
  }
  return {
    ...(smp !== undefined && { harts: smp }),
    ...(memory !== undefined && { memory: memoryBytes(memory) }),
    ...(append !== undefined && { append }),
    ...(maxInstructions !== undefined && { maxInstructions }),
  };
}

function memoryBytes(memory: string | number): number {
  const bytes = parseMemorySize(memory);
  if (bytes === undefined || bytes % pageSize !== 0 || bytes > mostMemory) throw badMemory(memory);
  return bytes;
}

async function readImages(
  { initrd, dtb }: LaunchOptions,
  files: FileSystem,
): Promise<Pick<TargetConfig, 'initrd' | 'dtb'>> {
  return {
    ...(initrd !== undefined && { initrd: await read(files, 'initrd', files.resolve(initrd)) }),
    ...(dtb !== undefined && { dtb: await read(files, 'device tree', files.resolve(dtb)) }),
  };
}

function build(config: TargetConfig): Target {
  try {
    return createTarget(config);
  } catch (error) {
    throw error instanceof TargetConfigError ? new UserError(error.message) : error;
  }
}
