/** From words to options and operands. */
import { parseArgs } from 'node:util';
import { didYouMean } from '../debugger/nearest';
import { UsageError, type OptionSpec, type OptionValues } from './options';

export interface Parsed {
  readonly values: OptionValues;
  readonly operands: readonly string[];
}

/** Throws `UsageError` for an option that is unknown, lacks its value, or has one that it does not take. */
export function parse(args: readonly string[], options: readonly OptionSpec[]): Parsed {
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      options.map(({ name, value }) => [
        name,
        { type: value === undefined ? 'boolean' : 'string', ...(name === 'help' && { short: 'h' }) } as const,
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, string | true | readonly string[]> = {};
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind === 'option') {
      const value = optionValue(token, options);
      const given = values[token.name];
      const repeatable = options.some(({ name, repeatable }) => name === token.name && repeatable);
      values[token.name] =
        repeatable && typeof value === 'string'
          ? [...(Array.isArray(given) ? (given as readonly string[]) : []), value]
          : value;
    }
  }
  return { values, operands };
}

function optionValue(
  token: { readonly name: string; readonly rawName: string; readonly value?: string | undefined },
  options: readonly OptionSpec[],
): string | true {
  const spec = options.find(({ name }) => name === token.name);
  if (!spec) {
    const names = options.map(({ name }) => `--${name}`);
    throw new UsageError(`There is no option '${token.rawName}'.${didYouMean(`--${token.name}`, names)}`);
  }
  if (spec.value === undefined) {
    if (token.value === undefined) return true;
    throw new UsageError(`The option '--${spec.name}' takes no value.`);
  }
  if (token.value !== undefined) return token.value;
  throw new UsageError(`The option '--${spec.name}' needs a value: --${spec.name} ${spec.value}.`);
}
