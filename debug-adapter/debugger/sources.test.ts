import assert from 'node:assert/strict';
import type { Program } from '../symbols/api';
import type { FileSystem, LaunchOptions } from './api';
import { createSourceMap } from './sources';

const debugFiles = [
  '/build/linux/arch/riscv/kernel/entry.S',
  '/build/linux/kernel/irq.c',
  '/build/linux/main.c',
];

function filesOf(paths: readonly string[]): FileSystem & { searches: number; asked: string[] } {
  return {
    searches: 0,
    asked: [],
    readFile: (path) =>
      Promise.resolve(paths.includes(path) ? new TextEncoder().encode(`text of ${path}`) : undefined),
    kind(path) {
      this.asked.push(path);
      if (paths.includes(path)) return Promise.resolve('file');
      return Promise.resolve(paths.some((file) => file.startsWith(`${path}/`)) ? 'directory' : undefined);
    },
    open: () => Promise.resolve(undefined),
    resolve: (path) => path,
    findByName(directory, name) {
      this.searches++;
      return Promise.resolve(
        paths.filter((path) => path.startsWith(`${directory}/`) && path.endsWith(`/${name}`)),
      );
    },
  };
}

function sources(paths: readonly string[], options: Partial<LaunchOptions> = {}) {
  const program = { lines: { files: debugFiles } } as unknown as Program;
  return createSourceMap(
    program,
    { program: '/ws/vmlinux', sourceFolders: ['/ws'], ...options },
    filesOf(paths),
  );
}

describe('source files of a program', () => {
  it('are where sourceFileMap says, before all else', async () => {
    const map = sources(['/mine/kernel/irq.c', '/build/linux/kernel/irq.c'], {
      sourceFileMap: { '/build/linux': '/mine' },
    });
    assert.equal(await map.locate('/build/linux/kernel/irq.c'), '/mine/kernel/irq.c');
  });

  it('are at their own paths on the machine that built them', async () => {
    const map = sources(['/build/linux/main.c', '/ws/main.c']);
    assert.equal(await map.locate('/build/linux/main.c'), '/build/linux/main.c');
  });

  it('are found by the longest matching end of the path in the source folders', async () => {
    const map = sources(['/ws/src/arch/x86/kernel/entry.S', '/ws/src/arch/riscv/kernel/entry.S']);
    assert.equal(
      await map.locate('/build/linux/arch/riscv/kernel/entry.S'),
      '/ws/src/arch/riscv/kernel/entry.S',
    );
  });

  it('are not guessed where two files match alike', async () => {
    const map = sources(['/ws/a/x/irq.c', '/ws/b/x/irq.c']);
    assert.equal(await map.locate('/build/linux/kernel/irq.c'), undefined);
  });

  const besideBuild = (...paths: readonly string[]) => {
    const program = { lines: { files: debugFiles } } as unknown as Program;
    return createSourceMap(program, { program: '/ws/out/vmlinux' }, filesOf(paths));
  };

  it('are found in the tree that the folder of the program lies in', async () => {
    const map = besideBuild('/ws/kernel/irq.c');
    assert.equal(await map.locate('/build/linux/kernel/irq.c'), '/ws/kernel/irq.c');
  });

  it('are not taken from another tree beside the folder of the program', async () => {
    const map = besideBuild('/ws/other/kernel/irq.c');
    assert.equal(await map.locate('/build/linux/kernel/irq.c'), undefined);
  });

  it('stand for the paths of the debug information that lead to them', async () => {
    const map = sources(['/ws/src/arch/riscv/kernel/entry.S', '/ws/src/arch/x86/kernel/entry.S']);
    assert.deepEqual(await map.debugPaths('/ws/src/arch/riscv/kernel/entry.S'), [debugFiles[0]]);
    assert.deepEqual(await map.debugPaths('/ws/src/arch/x86/kernel/entry.S'), []);
    assert.deepEqual(await map.debugPaths('/ws/src/none.c'), []);
  });

  it('are read by the path of the debug information', async () => {
    const map = sources(['/ws/linux/main.c']);
    assert.equal(await map.text('/build/linux/main.c'), 'text of /ws/linux/main.c');
    assert.equal(await map.text('/build/linux/kernel/irq.c'), undefined);
  });

  it('that are missing get a hint with the prefix to map', async () => {
    const map = sources([]);
    assert.match(await map.hint('/build/linux/main.c'), /"\/build\/linux".*"sourceFileMap"/);
  });

  it('are not looked for in folders that are known to be nowhere', async () => {
    const files = filesOf(['/ws/kernel/irq.c']);
    const program = { lines: { files: debugFiles } } as unknown as Program;
    const map = createSourceMap(program, { program: '/ws/vmlinux' }, files);
    await map.locate('/build/linux/arch/riscv/kernel/entry.S');
    const before = files.asked.length;
    await map.locate('/build/linux/arch/riscv/kernel/traps.c');
    const asked = files.asked.slice(before);
    assert.deepEqual(asked, ['/ws/kernel/traps.c', '/ws/traps.c', '/traps.c']);
  });
});
