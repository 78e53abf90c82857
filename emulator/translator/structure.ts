/**
 * WebAssembly has no jumps: a control-flow graph becomes nested blocks and loops. Strongly connected components are loops; those that can
 * be entered at several nodes (irreducible ones) choose at their start.
 */

export type Item =
  | { readonly kind: 'node'; readonly node: number; readonly heads: readonly number[] }
  | {
      readonly kind: 'loop';
      /** Where control can come in from outside, and where the loop starts again. */
      readonly heads: readonly number[];
      readonly items: readonly Item[];
    };

/**
 * Arranges nodes 0 to `count - 1` in an order in which control only runs forward, but for branches to the heads of loops that it is inside of.
 * @param entries where control comes in from outside
 */
export function structure(
  count: number,
  entries: readonly number[],
  successors: (node: number) => readonly number[],
): Item[] {
  const nodes = new Set(Array.from({ length: count }, (_, node) => node));
  return arrange(nodes, new Set(entries), successors);
}

function arrange(
  nodes: ReadonlySet<number>,
  entered: ReadonlySet<number>,
  successors: (node: number) => readonly number[],
): Item[] {
  const inside = (node: number) => successors(node).filter((next) => nodes.has(next));
  const components = stronglyConnected(nodes, inside);
  const componentOf = new Map<number, number>();
  components.forEach((component, index) => component.forEach((node) => componentOf.set(node, index)));

  const comesFromOutside = new Set(entered);
  for (const node of nodes) {
    for (const next of inside(node)) {
      if (componentOf.get(next) !== componentOf.get(node)) comesFromOutside.add(next);
    }
  }
  return components.map((component): Item => {
    const first = component[0]!;
    if (component.length === 1 && !inside(first).includes(first)) {
      return { kind: 'node', node: first, heads: [first] };
    }
    const found = component.filter((node) => comesFromOutside.has(node)).sort((a, b) => a - b);
    // What nothing leads to needs a head all the same.
    const heads = found.length > 0 ? found : [first];
    const headSet = new Set(heads);
    const forward = (node: number) => inside(node).filter((next) => !headSet.has(next));
    return { kind: 'loop', heads, items: arrange(new Set(component), headSet, forward) };
  });
}

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
