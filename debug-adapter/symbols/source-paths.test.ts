import assert from 'node:assert/strict';
import { joinPath, normalisePath } from './paths';
import { candidates, debugPathsFor, longestSuffixMatch, mappingHint } from './source-paths';

const FORK = '/usr/src/linux-7.3/kernel/fork.c';

describe('source paths', () => {
  it('are joined with their directory and normalised', () => {
    assert.equal(joinPath('/build', '../src/./a//b.c'), '/src/a/b.c');
    assert.equal(joinPath('/build', '/abs/b.c'), '/abs/b.c');
    assert.equal(joinPath('', 'a/../b.c'), 'b.c');
    assert.equal(joinPath('/', '../../b.c'), '/b.c');
    assert.equal(joinPath('C:\\src', 'lib\\..\\b.c'), 'C:/src/b.c');
    assert.equal(normalisePath('../a/..hidden/b...c'), '../a/..hidden/b...c');
  });

  it('are looked for by the map, then as they are, then by ever shorter ends in the folders', () => {
    assert.deepEqual(candidates(FORK, { '/usr/src/linux-7.3': '/home/me/linux/' }, ['/ws/a', '/ws/b']), [
      '/home/me/linux/kernel/fork.c',
      FORK,
      '/ws/a/usr/src/linux-7.3/kernel/fork.c',
      '/ws/b/usr/src/linux-7.3/kernel/fork.c',
      '/ws/a/src/linux-7.3/kernel/fork.c',
      '/ws/b/src/linux-7.3/kernel/fork.c',
      '/ws/a/linux-7.3/kernel/fork.c',
      '/ws/b/linux-7.3/kernel/fork.c',
      '/ws/a/kernel/fork.c',
      '/ws/b/kernel/fork.c',
      '/ws/a/fork.c',
      '/ws/b/fork.c',
    ]);
  });

  it('are mapped by the longest prefix, at boundaries between parts only', () => {
    const map = { '/usr': '/a', '/usr/src': '/b', '/usr/sr': '/c' };
    assert.deepEqual(candidates(FORK, map, []), [
      '/b/linux-7.3/kernel/fork.c',
      '/a/src/linux-7.3/kernel/fork.c',
      FORK,
    ]);
    assert.deepEqual(
      candidates('/kernel/fork.c', { '/': '/root/of/all' }, [])[0],
      '/root/of/all/kernel/fork.c',
    );
  });

  it('match the file with the longest common end, and no file if several match as well', () => {
    const files = ['/w/lib/fork.c', '/w/kernel/fork.c', '/w/kernel/spoon.c'];
    assert.equal(longestSuffixMatch(FORK, files).file, '/w/kernel/fork.c');
    assert.equal(longestSuffixMatch(FORK, ['/w/kernel/nofork.c']).file, undefined);
    assert.deepEqual(longestSuffixMatch(FORK, ['/w/x/fork.c', '/w/y/fork.c']), {
      file: undefined,
      ambiguous: ['/w/x/fork.c', '/w/y/fork.c'],
    });
    assert.deepEqual(longestSuffixMatch(FORK, ['/other/project/fork.c']), {
      file: undefined,
      ambiguous: ['/other/project/fork.c'],
    });
    assert.equal(longestSuffixMatch('/sample-kernel/entry.S', ['/my/copy/entry.S']).file, '/my/copy/entry.S');
    assert.equal(longestSuffixMatch(FORK, ['C:\\w\\kernel\\fork.c']).file, 'C:\\w\\kernel\\fork.c');
  });

  it('lead back from a file on this machine to the debug information', () => {
    const known = [FORK, '/usr/src/linux-7.3/lib/fork.c', '/sample-kernel/entry.S'];
    const back = (file: string, map = {}) => debugPathsFor(file, map, known);
    assert.deepEqual(back('/me/kernel/fork.c', { '/usr/src/linux-7.3': '/me' }), [FORK]);
    assert.deepEqual(back(FORK), [FORK]);
    assert.deepEqual(back('/checkout/sample-kernel/entry.S'), ['/sample-kernel/entry.S']);
    assert.deepEqual(back('/elsewhere/kernel/fork.c'), [FORK]);
    assert.deepEqual(back('/elsewhere/fork.c'), [FORK, '/usr/src/linux-7.3/lib/fork.c'], 'both are as good');
    assert.deepEqual(back('/elsewhere/knife.c'), []);
  });

  it('come with a hint which prefix to map', () => {
    assert.equal(
      mappingHint(FORK, '/home/me/linux/kernel/fork.c'),
      `${FORK} was not found: add "/usr/src/linux-7.3": "/home/me/linux" to "sourceFileMap".`,
    );
    assert.match(mappingHint(FORK), /add "\/usr\/src\/linux-7\.3\/kernel": the folder that has it here/);
  });
});
