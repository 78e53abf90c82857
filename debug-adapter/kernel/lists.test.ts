import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hlistNodes, listNodes, treeNodes } from './lists';
import { Words } from './structs.test-support';

const head = 0xffff_ffc6_0000_0000n;
const node = (n: number) => head + BigInt(0x100 * (n + 1));

/** A `struct rb_node` for each number, in a tree made by inserting them without balance; gives its root's word. */
function tree(words: Words, numbers: readonly number[]): void {
  const links = new Map<number, [left: number | undefined, right: number | undefined]>();
  const [root, ...rest] = numbers;
  if (root !== undefined) links.set(root, [undefined, undefined]);
  for (const number of rest) {
    for (let at = root!; ;) {
      const children = links.get(at)!;
      const side = number < at ? 0 : 1;
      const next = children[side];
      if (next === undefined) {
        children[side] = number;
        links.set(number, [undefined, undefined]);
        break;
      }
      at = next;
    }
  }
  words.write(head, root === undefined ? 0n : node(root));
  for (const [number, [left, right]] of links) {
    // The first word has the parent and the colour, which a walk does not need.
    words.write(node(number), 1n, ...[right, left].map((child) => (child === undefined ? 0n : node(child))));
  }
}

function hlist(words: Words, numbers: readonly number[]): void {
  [head, ...numbers.map(node)].forEach((at, n) =>
    words.write(at, n < numbers.length ? node(numbers[n]!) : 0n),
  );
}

const distinct = fc.uniqueArray(fc.nat(500), { maxLength: 60 });

describe('hlists of the kernel', () => {
  it('have their nodes in order, up to NULL', () => {
    fc.assert(
      fc.property(distinct, (numbers) => {
        const words = new Words();
        hlist(words, numbers);
        assert.deepEqual(hlistNodes(head, words.memory), { addresses: numbers.map(node), cut: undefined });
      }),
    );
  });

  it('end where they come back to a node, or where a link cannot be read', () => {
    const words = new Words();
    hlist(words, [3, 1, 2]);
    words.write(node(2), node(1));
    const around = hlistNodes(head, words.memory);
    assert.deepEqual(around.addresses, [3, 1, 2].map(node));
    assert.match(around.cut!, /^it comes back to 0x/);
    words.write(node(2), 0x10n);
    assert.match(hlistNodes(head, words.memory).cut!, /^the link at 0x10 cannot be read$/);
  });

  it('end after ten thousand nodes', () => {
    const numbers = Array.from({ length: 10_001 }, (_, n) => n);
    const words = new Words();
    hlist(words, numbers);
    const { addresses, cut } = hlistNodes(head, words.memory);
    assert.deepEqual([addresses.length, cut], [10_000, 'it has more than 10000 elements']);
  });
});

describe('red-black trees of the kernel', () => {
  it('have their nodes in order, whatever their shape', () => {
    fc.assert(
      fc.property(distinct, (numbers) => {
        const words = new Words();
        tree(words, numbers);
        const sorted = numbers.toSorted((a, b) => a - b);
        assert.deepEqual(treeNodes(head, words.memory), { addresses: sorted.map(node), cut: undefined });
      }),
    );
  });

  it('end where a node is in them twice, and where one cannot be read', () => {
    const words = new Words();
    tree(words, [5, 2, 8, 1]);
    words.write(node(8) + 16n, node(2));
    assert.match(treeNodes(head, words.memory).cut!, /^0x[0-9a-f]+ is in it twice$/);
    words.write(node(8) + 16n, 0x18n);
    assert.match(treeNodes(head, words.memory).cut!, /^the node at 0x18 cannot be read$/);
    assert.match(treeNodes(0n, words.memory).cut!, /^the root at 0x0 cannot be read$/);
  });

  it('end after ten thousand nodes, of however deep a tree', () => {
    const words = new Words();
    words.write(head, node(0));
    for (let n = 0; n <= 10_000; n++) words.write(node(n), 1n, 0n, node(n + 1));
    assert.equal(treeNodes(head, words.memory).cut, 'it has more than 10000 elements');
  });
});

describe('walks of linked structures', () => {
  it('end, whatever the links are', () => {
    const place = fc.constantFrom(head, node(0), node(1), node(2), 0n, (1n << 64n) - 8n);
    fc.assert(
      fc.property(fc.array(place, { minLength: 12, maxLength: 12 }), (links) => {
        const words = new Words();
        [head, node(0), node(1), node(2)].forEach((at, n) =>
          words.write(at, ...links.slice(3 * n, 3 * n + 3)),
        );
        for (const walk of [listNodes, hlistNodes, treeNodes]) {
          const { addresses } = walk(head, words.memory);
          assert.equal(new Set(addresses).size, addresses.length);
        }
      }),
    );
  });
});
