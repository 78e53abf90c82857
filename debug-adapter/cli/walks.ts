/** Which stack walks a command line asks for. */
import { walkChoices, type WalkChoice } from '../debugger/walks';
import { UsageError } from './options';

/** Throws `UsageError` for a walk that there is not. */
export function parseWalk(value: string): readonly WalkChoice[] {
  if (value === 'all') return walkChoices.filter((choice) => choice !== 'default');
  const choice = walkChoices.find((name) => name === value);
  if (choice) return [choice];
  throw new UsageError(`There is no walk '${value}': choose ${walkChoices.join(', ')} or all.`);
}
