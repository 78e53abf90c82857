/** What the readers of single types ask of the one that has them all. */
import type { CType } from '../c-types';
import type { Die, DieReader } from './die';

export interface TypeSource {
  /** For one question: what it may read is bounded. */
  reader(): DieReader;
  /** The type that DW_AT_type of a DIE refers to: without one, void. */
  typeOf(die: Die): CType;
  /** The definition that another unit has of a type that is only declared. */
  definition(declaration: Die): Die | undefined;
}
