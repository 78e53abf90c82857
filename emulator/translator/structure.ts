/**
 * WebAssembly has no jumps: a control-flow graph becomes nested blocks and loops. A strongly connected component is a loop, which starts again at
 * one node, its head; without the ways back to the head its body is arranged in turn. Where control comes in elsewhere too, it comes by the loop's
 * start, which then chooses.
 */

export type Item =
  | { readonly kind: 'node'; readonly node: number }
  | {
      readonly kind: 'loop';
      /** Where the loop starts again. */
      readonly head: number;
      /** Other nodes in it that control can come to from outside. */
      readonly entered: readonly number[];
      readonly items: readonly Item[];
    };

export interface Structure {
  readonly items: readonly Item[];
  /** Heads of all loops. */
  readonly heads: readonly number[];
}

type Successors = (node: number) => readonly number[];

/**
 * Arranges nodes 0 to `count - 1` in an order in which control only runs forward, but for branches to the heads of loops that it is inside of.
 * @param entries where control comes in from outside; to the heads of all loops it can come too
 */
export function structure(count: number, entries: readonly number[], successors: Successors): Structure {
  const nodes = new Set(Array.from({ length: count }, (_, node) => node));
  const heads: number[] = [];
  const items = arrange(nodes, new Set(entries), successors, heads);
  return { items, heads };
}

/** @param heads to which those of the loops are added */
function arrange(
  nodes: ReadonlySet<number>,
  entries: ReadonlySet<number>,
  successors: Successors,
  heads: number[],
): Item[] {
  const inside = (node: number) => successors(node).filter((next) => nodes.has(next));
  const components = stronglyConnected(nodes, inside);
  const componentOf = new Map<number, number>();
  components.forEach((component, index) => component.forEach((node) => componentOf.set(node, index)));

  const comesFromOutside = new Set<number>();
  for (const node of nodes) {
    for (const next of inside(node)) {
      if (componentOf.get(next) !== componentOf.get(node)) comesFromOutside.add(next);
    }
  }
  return components.map((component): Item => {
    const first = component[0]!;
    if (component.length === 1 && !inside(first).includes(first)) return { kind: 'node', node: first };
    const led = component.filter((node) => comesFromOutside.has(node));
    const named = component.filter((node) => entries.has(node));
    const head = chooseHead(led, named, component);
    const known = heads.length;
    heads.push(head);
    const body = (node: number) => inside(node).filter((next) => next !== head);
    const entered = new Set([...led, ...named]);
    const items = arrange(new Set(component), entered, body, heads);
    for (const inner of heads.slice(known)) entered.add(inner);
    entered.delete(head);
    return { kind: 'loop', head, entered: [...entered].sort((a, b) => a - b), items };
  });
}

/** Most loops are come to in one place. Those that are not start where the code begins. */
const chooseHead = (...candidates: readonly (readonly number[])[]): number =>
  Math.min(...candidates.find((nodes) => nodes.length > 0)!);

/** Tarjan's algorithm without recursion; components in topological order, nodes with the lowest number first where there is a choice. */
function stronglyConnected(
  nodes: ReadonlySet<number>,
  successors: (node: number) => readonly number[],
): number[][] {
  const index = new Map<number, number>();
  const low = new Map<number, number>();
  const open: number[] = [];
  const isOpen = new Set<number>();
  const components: number[][] = [];

  const enter = (node: number) => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    open.push(node);
    isOpen.add(node);
    return { node, next: successors(node), at: 0 };
  };
  const lower = (node: number, value: number) => low.set(node, Math.min(low.get(node)!, value));

  // Components come out last first, so what is to come first is begun last.
  for (const start of [...nodes].sort((a, b) => b - a)) {
    if (index.has(start)) continue;
    const path = [enter(start)];
    while (path.length > 0) {
      const frame = path.at(-1)!;
      const { node } = frame;
      const next = frame.next[frame.at++];
      if (next !== undefined) {
        if (!index.has(next)) path.push(enter(next));
        else if (isOpen.has(next)) lower(node, index.get(next)!);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent) lower(parent.node, low.get(node)!);
      if (low.get(node) !== index.get(node)) continue;
      const component = open.splice(open.lastIndexOf(node));
      component.forEach((member) => isOpen.delete(member));
      components.push(component);
    }
  }
  return components.reverse();
}
