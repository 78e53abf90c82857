import assert from 'node:assert/strict';
import fc from 'fast-check';
import { xorshift } from '../xorshift.test-support';
import type { Item, Structure } from './structure';
import { structure } from './structure';

type Graph = readonly (readonly number[])[];

/** Where control can be in arranged code: the items around it, from the outermost on, with the place in each. */
interface Level {
  readonly items: readonly Item[];
  at: number;
}

/** Where control can come to from outside an item: the way to all but the first of a loop's is a choice at its start. */
const entriesOf = (item: Item): readonly number[] =>
  item.kind === 'node' ? [item.node] : [item.head, ...item.entered];

/**
 * Walks arranged code as WebAssembly would: a branch goes forward to an item of some level around, or back to the head of a loop
 * around. Fails where neither leads to the node.
 */
class Walk {
  readonly #levels: Level[];

  constructor(items: readonly Item[], entry: number) {
    this.#levels = [{ items, at: -1 }];
    this.#enter(0, entry);
  }

  get node(): number {
    const { items, at } = this.#levels.at(-1)!;
    const item = items[at]!;
    assert.equal(item.kind, 'node');
    return item.node;
  }

  goTo(node: number): void {
    for (let level = this.#levels.length - 1; level >= 0; level--) {
      // Forward, in this level.
      if (this.#enter(level, node)) return;
      // Back to the start of the loop that this level is the body of.
      const outer = this.#levels[level - 1];
      const loop = outer?.items[outer.at];
      if (loop?.kind === 'loop' && loop.head === node) {
        this.#levels[level]!.at = -1;
        assert.ok(this.#enter(level, node), `the body of the loop has its head ${node}`);
        return;
      }
    }
    assert.fail(`no way to ${node}`);
  }

  /** To an item further on in a level that can be entered at this node, and into the loops around it. */
  #enter(level: number, node: number): boolean {
    const { items, at } = this.#levels[level]!;
    const found = items.findIndex((item, index) => index > at && entriesOf(item).includes(node));
    if (found < 0) return false;
    this.#levels[level]!.at = found;
    this.#levels.length = level + 1;
    const item = items[found]!;
    if (item.kind === 'node') return true;
    this.#levels.push({ items: item.items, at: -1 });
    assert.ok(this.#enter(level + 1, node), `the body of the loop has its entry ${node}`);
    return true;
  }
}

const nodesOf = (items: readonly Item[]): number[] =>
  items.flatMap((item) => (item.kind === 'node' ? [item.node] : nodesOf(item.items)));

const depthOf = (items: readonly Item[]): number =>
  1 + Math.max(0, ...items.map((item) => (item.kind === 'loop' ? depthOf(item.items) : 0)));

const arrangedWithHeads = (graph: Graph, entries: readonly number[]): Structure =>
  structure(graph.length, entries, (node) => graph[node]!);
const arranged = (graph: Graph, entries: readonly number[]) => arrangedWithHeads(graph, entries).items;

/** Nodes with up to three successors each: mostly irreducible, with unreachable parts and loops of one node. */
const graphs = fc.integer({ min: 1, max: 24 }).chain((count) =>
  fc.record({
    graph: fc.array(fc.array(fc.nat(count - 1), { maxLength: 3 }), { minLength: count, maxLength: count }),
    entries: fc.uniqueArray(fc.nat(count - 1), { minLength: 1, maxLength: 4 }),
    seed: fc.integer({ min: 1, max: 0x7fff_ffff }),
  }),
);

describe('structure of a control-flow graph', () => {
  it('has every node once', () => {
    fc.assert(
      fc.property(graphs, ({ graph, entries }) => {
        const nodes = nodesOf(arranged(graph, entries)).sort((a, b) => a - b);
        assert.deepEqual(nodes, [...graph.keys()]);
      }),
      { numRuns: 500 },
    );
  });

  it('lets control go every way that the graph has, from every entry and loop, also in irreducible ones', () => {
    fc.assert(
      fc.property(graphs, ({ graph, entries, seed }) => {
        const { items, heads } = arrangedWithHeads(graph, entries);
        const next = xorshift(seed);
        for (const entry of [...entries, ...heads]) {
          const walk = new Walk(items, entry);
          let node = entry;
          for (let step = 0; step < 200; step++) {
            assert.equal(walk.node, node);
            const successors = graph[node]!;
            if (successors.length === 0) break;
            node = successors[next() % successors.length]!;
            walk.goTo(node);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('nests loops as the graph does', () => {
    const chain = (length: number): Graph =>
      Array.from({ length }, (_, node) => [node + 1].filter((n) => n < length));
    assert.equal(depthOf(arranged(chain(10), [0])), 1);
    const nested = chain(10).map((next, node) => (node > 5 ? [...next, 10 - node] : next));
    assert.equal(depthOf(arranged(nested, [0])), 5);
  });

  it('chooses at the start of a loop that is entered at two nodes', () => {
    const [, loop] = arranged([[1, 2], [2], [1]], [0]);
    assert.deepEqual(loop && { ...loop, items: 0 }, { kind: 'loop', head: 1, entered: [2], items: 0 });
  });

  it('starts a loop again at its head alone, also if control can come in elsewhere', () => {
    // 1 to 3 are the outer loop, 2 the inner one.
    const graph = [[1], [2], [2, 3], [1, 4], []];
    const { items, heads } = arrangedWithHeads(graph, [0, 3]);
    assert.deepEqual(heads, [1, 2]);
    const outer = items[1]!;
    assert.deepEqual({ ...outer, items: 0 }, { kind: 'loop', head: 1, entered: [2, 3], items: 0 });
    const inner = outer.kind === 'loop' && outer.items.find(({ kind }) => kind === 'loop');
    assert.deepEqual(inner && { ...inner, items: 0 }, { kind: 'loop', head: 2, entered: [], items: 0 });
  });
});
