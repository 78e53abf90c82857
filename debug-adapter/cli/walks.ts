/** Which stack walks a command line asks for. */
import { walkChoices, type WalkChoice } from '../debugger/walks';
import { UsageError } from './options';

/** `all` stands for those that the program allows. Throws `UsageError` for a walk that there is not. */
export function parseWalk(value: string): WalkChoice | 'all' {
  const choice = [...walkChoices, 'all' as const].find((name) => name === value);
  if (choice) return choice;
  throw new UsageError(`There is no walk '${value}': choose ${walkChoices.join(', ')} or all.`);
}
