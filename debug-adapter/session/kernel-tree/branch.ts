/** What the branches of the kernel's tree have in common. */
import type { KernelNode } from '../protocol/custom';
import type { Sources } from '../sources';
import type { SessionState } from '../state';

/** Gives the children of a node below a root by the rest of its id; none for what is not there at this stop. */
export type Branch = (
  rest: string,
  state: SessionState,
  sources: Sources,
) => readonly KernelNode[] | Promise<readonly KernelNode[]>;

/** A row that says why there is nothing to see. */
export function note(id: string, text: string): readonly KernelNode[] {
  return [{ id, label: text, kind: 'group', hasChildren: false }];
}
