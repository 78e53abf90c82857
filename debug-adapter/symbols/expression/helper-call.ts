/** What a helper sees of its call. */
import type { Bound } from './bound';
import type { Call, Names } from './names';
import type { Argument, Node } from './syntax';
import { ExpressionError } from './tokens';
import { typeNamed } from './types';

interface CallSource {
  readonly name: string;
  readonly at: number;
  readonly list: readonly Argument[] | undefined;
  readonly names: Names;
  readonly bind: (node: Node) => Bound;
}

export function helperCall({ name, at, list, names, bind }: CallSource): Call {
  const argument = (index: number, what: string): Argument => {
    const found = list?.[index];
    if (found) return found;
    throw new ExpressionError(at, `$${name} needs ${what} as its argument ${index + 1}: 'help' shows how.`);
  };
  return {
    at,
    arguments: list,
    names,
    value(index) {
      const given = argument(index, 'a value');
      if (given.kind === 'value') return bind(given.node);
      throw new ExpressionError(given.type.at, 'A value is expected here, not a type.');
    },
    type(index) {
      const given = argument(index, 'a type');
      if (given.kind === 'type') return typeNamed(given.type, (words) => names.type(words));
      const { node } = given;
      if (node.kind !== 'name')
        throw new ExpressionError(node.at, 'A type is expected here, as in struct page.');
      // The tag of a structure is enough where only a type can be.
      const find = (words: string) => names.type(words) ?? names.type(`struct ${words}`);
      return typeNamed({ at: node.at, words: node.name, derived: [] }, find);
    },
    members(index) {
      const given = argument(index, 'the name of a member');
      if (given.kind === 'value' && given.node.kind === 'name') return given.node.name.split('.');
      throw new ExpressionError(
        given.kind === 'value' ? given.node.at : given.type.at,
        'The name of a member is expected here.',
      );
    },
  };
}
