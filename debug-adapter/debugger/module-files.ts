/** Files of modules on this machine: the .ko that the build has made, or one with its debug information. */
import type { FileSystem } from './api';

/** Of the name of a module, dashes of its file are underscores; each one may be either (Linux scripts/Makefile.lib, name-fix). */
const mostUnderscores = 6;
/** In the order in which they are tried: what debug information was split off to comes before what it was split off from. */
const endings = ['.ko.debug', '.ko', '.ko.gz'];
/** What the build of a kernel, and /lib/modules/VERSION, have of all their modules; bytes, far above any. */
const orderFile = 'modules.order';
const largestOrder = 1 << 22;

export class ModuleFiles {
  readonly folders: readonly string[];
  readonly #files: FileSystem;
  /** Paths in `modules.order` by the name of the module. */
  readonly #ordered = new Map<string, Promise<ReadonlyMap<string, readonly string[]>>>();

  /** @param folders searched with all that lies below them */
  constructor(files: FileSystem, folders: readonly string[]) {
    this.#files = files;
    this.folders = [...new Set(folders.map((folder) => files.resolve(folder)))];
  }

  /** Paths of files that may be that module's, the likeliest first. */
  async of(module: string): Promise<readonly string[]> {
    const found: string[] = [];
    for (const folder of this.folders) {
      const ordered = (await this.#order(folder)).get(module) ?? [];
      const known = await this.#existing(
        ordered.flatMap((path) => endings.map((end) => `${folder}/${path}${end}`)),
      );
      // A tree of sources has thousands of folders: it is searched for what its build does not list.
      found.push(...(known.length > 0 ? known : await this.#search(folder, module)));
    }
    return found;
  }

  async #search(folder: string, module: string): Promise<readonly string[]> {
    const found: string[] = [];
    for (const end of endings) {
      for (const name of spellings(module)) {
        found.push(...(await this.#files.findByName(folder, `${name}${end}`)));
      }
    }
    return found;
  }

  async #existing(paths: readonly string[]): Promise<readonly string[]> {
    const kinds = await Promise.all(paths.map((path) => this.#files.kind(path)));
    return paths.filter((_, index) => kinds[index] === 'file');
  }

  #order(folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
    let order = this.#ordered.get(folder);
    if (!order) this.#ordered.set(folder, (order = this.#readOrder(`${folder}/${orderFile}`)));
    return order;
  }

  async #readOrder(path: string): Promise<ReadonlyMap<string, readonly string[]>> {
    const byName = new Map<string, readonly string[]>();
    const size = (await this.#files.kind(path)) === 'file' ? (await this.#files.open(path, false))?.size : 0;
    const bytes = size && size <= largestOrder ? await this.#files.readFile(path) : undefined;
    for (const line of new TextDecoder().decode(bytes ?? new Uint8Array()).split('\n')) {
      // `drivers/net/dummy.o` since Linux 6.2, `kernel/drivers/net/dummy.ko` before and where modules are installed.
      const [, path, name] = /^((?:[^/]+\/)*([^/]+))\.k?o$/.exec(line.trim()) ?? [];
      if (path === undefined || path.split('/').includes('..')) continue;
      const paths = path.startsWith('kernel/') ? [path, path.slice('kernel/'.length)] : [path];
      byName.set(name!.replaceAll('-', '_'), paths);
    }
    return byName;
  }
}

/** Names that a file may have: `snd_hda_intel` is in snd-hda-intel.ko. */
function spellings(module: string): readonly string[] {
  const [first, ...rest] = module.split('_');
  if (rest.length > mostUnderscores) return [module, module.replaceAll('_', '-')];
  return rest.reduce<readonly string[]>(
    (names, part) => [...names.map((name) => `${name}_${part}`), ...names.map((name) => `${name}-${part}`)],
    [first!],
  );
}
