/** Which stack walks a command line asks for. */
import type { WalkResult } from '../unwind/types';
import { UsageError } from './options';

export type WalkKind = WalkResult['kind'];

const kinds: readonly WalkKind[] = ['metadata', 'legacy', 'cfi'];
/** Walks that this version has. */
const available: readonly WalkKind[] = ['metadata'];

/** Throws `UsageError` for a walk that there is not, or not yet. */
export function parseWalk(value: string): readonly WalkKind[] {
  if (value === 'all') return available;
  const kind = kinds.find((name) => name === value);
  if (!kind) throw new UsageError(`There is no walk '${value}': choose metadata, legacy, cfi or all.`);
  if (!available.includes(kind)) {
    throw new UsageError(
      `The ${kind} walk is not available in this version: use --walk ${available.join(' or ')}, or all for those there are.`,
    );
  }
  return [kind];
}
