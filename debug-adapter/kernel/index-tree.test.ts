import assert from 'node:assert/strict';
import fc from 'fast-check';
import { maplePointers, radixPointers } from './index-tree';
import { KernelImage } from './kernel-image';
import { KernelMemory } from './kernel-memory';
import { programWith, Words } from './structs.test-support';

const heap = 0xffff_ffc6_0010_0000n;
const program = programWith({}, {});
const at = (n: number) => heap + BigInt(n * 1024);
const pointer = (n: number) => heap + 0x10_0000n + BigInt(64 * n);
const max = (1n << 64n) - 1n;
/** `mt_mk_node()`: a node's type, and the bits that tell it from a pointer. */
const maple = (n: number, type: bigint) => at(n) | (type << 3n) | 6n;
const node = (n: number) => at(n) | 2n;

function memoryOf(words: Words): KernelMemory {
  return new KernelMemory(words.memory, new KernelImage(program));
}

describe('pointers of a maple tree', () => {
  it('are those of the leaves, in order, without what lies behind the last of a node', () => {
    const words = new Words();
    const garbage = Array<bigint>(16).fill(pointer(99));
    // The root has two leaves: numbers up to 9, and all others.
    words.write(
      at(0),
      0n,
      9n,
      max,
      ...garbage.slice(0, 7),
      maple(1, 1n),
      maple(2, 1n),
      ...garbage.slice(0, 8),
    );
    words.write(at(0) + 160n, ...garbage.slice(0, 12));
    words.write(
      at(1),
      0n,
      0n,
      1n,
      9n,
      ...garbage.slice(0, 12),
      0n,
      pointer(1),
      pointer(2),
      ...garbage.slice(0, 13),
    );
    words.write(at(2), 0n, 12n, 0n, ...garbage.slice(0, 13), pointer(3), pointer(4), ...garbage.slice(0, 14));
    assert.deepEqual(maplePointers(maple(0, 3n), memoryOf(words)), [1, 2, 3, 4].map(pointer));
  });

  it('are the root itself in a tree of one', () => {
    assert.deepEqual(maplePointers(pointer(1), memoryOf(new Words())), [pointer(1)]);
    assert.deepEqual(maplePointers(0n, memoryOf(new Words())), []);
  });
});

describe('pointers of a radix tree', () => {
  it('are those of all its nodes, in order', () => {
    const words = new Words();
    const slots = (first: readonly bigint[]) => [...first, ...Array<bigint>(64 - first.length).fill(0n)];
    words.write(at(0) + 40n, ...slots([node(1), 0n, node(2)]));
    words.write(at(1) + 40n, ...slots([pointer(1), pointer(2)]));
    words.write(at(2) + 40n, ...slots([0n, pointer(3)]));
    assert.deepEqual(radixPointers(node(0), 40, memoryOf(words)), [1, 2, 3].map(pointer));
  });
});

it('a tree of nodes that all lead to themselves ends', () => {
  const words = new Words();
  words.write(
    at(0),
    ...Array.from({ length: 16 }, (_, n) => BigInt(n)),
    ...Array<bigint>(112).fill(maple(0, 2n)),
  );
  assert.deepEqual(maplePointers(maple(0, 2n), memoryOf(words)), []);
  words.write(at(0), ...Array<bigint>(128).fill(node(0)));
  assert.deepEqual(radixPointers(node(0), 40, memoryOf(words)), []);
});

it('trees end that go round and round, or nowhere, whatever they hold', () => {
  const entry = fc.oneof(
    fc.constantFrom(maple(0, 1n), maple(0, 2n), maple(1, 3n), node(0), node(1), pointer(1), 0n, max, 8n),
    fc.bigInt({ min: 0n, max }),
  );
  fc.assert(
    fc.property(fc.array(entry, { minLength: 256, maxLength: 256 }), entry, (random, root) => {
      const words = new Words();
      words.write(at(0), ...random);
      const memory = memoryOf(words);
      assert.ok(maplePointers(root, memory).length <= 4096);
      assert.ok(radixPointers(root, 40, memory).length <= 4096);
      assert.ok(words.read < 64 * 1024 * 1024);
    }),
    { numRuns: 30 },
  );
});
