import assert from 'node:assert/strict';
import { DwarfSections } from './sections';
import { SourceFiles } from './source-files';

describe('SourceFiles', () => {
  const empty = new DwarfSections(() => undefined);

  it('gives each path one number, however its parts are written', () => {
    const sources = new SourceFiles(empty);
    const tree = sources.directory(undefined, '/usr/src/linux');
    const file = sources.file(sources.directory(tree, 'arch/riscv'), 'head.S');
    assert.equal(sources.file(tree, './arch/riscv/head.S'), file);
    assert.equal(sources.find('/usr/src/linux/arch/riscv/head.S'), file);
  });

  it('keeps no path that is longer than a file’s can be', () => {
    const sources = new SourceFiles(empty);
    const long = sources.directory(undefined, `/${'x'.repeat(1_000_000)}`);
    for (let file = 0; file < 100; file++) sources.file(sources.directory(long, `${file}`), 'name');
    assert.ok(sources.paths.every((path) => path.length <= 4096));
  });
});
