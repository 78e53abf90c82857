/** Finds kernels in a folder: bounded, breadth first, so that `vmlinux` at the top of a big tree is found at once. */
import { open, readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { headerBytes, readKernelImage, type KernelImage } from './kernel-image';

export interface FoundKernel extends KernelImage {
  /** Absolute path. */
  readonly path: string;
}

/** Enough for a kernel tree's upper levels (Linux 7.3 has about 5,600 folders in all) within a fraction of a second. */
const maxFolders = 2000;
const maxDepth = 5;
const maxFound = 50;
const skippedFolders = new Set(['node_modules', 'dist', 'Documentation']);

/** Reads the beginning of a file. @returns `undefined` for what is not a kernel, or cannot be read. */
export async function kernelAt(path: string): Promise<FoundKernel | undefined> {
  try {
    await using file = await open(path);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(headerBytes), 0, headerBytes, 0);
    const image = readKernelImage(buffer.subarray(0, bytesRead));
    return image && { ...image, path };
  } catch {
    return undefined;
  }
}

/** Kernels below a folder, the likeliest first: `vmlinux`, then `*.elf`, then other executables; upper folders before lower ones. */
export async function findKernels(folder: string): Promise<FoundKernel[]> {
  const found: FoundKernel[] = [];
  let level = [folder];
  let visited = 0;
  for (let depth = 0; depth <= maxDepth && level.length > 0; depth++) {
    const below: string[] = [];
    for (const directory of level) {
      if (++visited > maxFolders || found.length >= maxFound) return byLikelihood(found);
      for (const entry of await readdir(directory, { withFileTypes: true }).catch(() => [])) {
        const path = join(directory, entry.name);
        if (entry.isDirectory()) {
          if (!entry.name.startsWith('.') && !skippedFolders.has(entry.name)) below.push(path);
        } else if (entry.isFile() && (await mayBeKernel(path))) {
          const kernel = await kernelAt(path);
          if (kernel) found.push(kernel);
        }
      }
    }
    level = below;
  }
  return byLikelihood(found);
}

const rankOf = (path: string) =>
  basename(path).startsWith('vmlinux') ? 0 : extname(path) === '.elf' ? 1 : 2;

function byLikelihood(found: readonly FoundKernel[]): FoundKernel[] {
  return found.toSorted((a, b) => rankOf(a.path) - rankOf(b.path));
}

/** Looks at names first: opening every file of a tree would take minutes. */
async function mayBeKernel(path: string): Promise<boolean> {
  if (rankOf(path) < 2) return true;
  if (extname(path) !== '') return false;
  // Windows knows no executable bit; there a name without an extension has to do.
  if (process.platform === 'win32') return true;
  const mode = await stat(path).then(
    (s) => s.mode,
    () => 0,
  );
  return (mode & 0o111) !== 0;
}
