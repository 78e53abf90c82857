/** Types as C writes them: `struct list_head *`, `char [16]`, `void (*)(int)`. */
import type { CType } from '../c-types';

/** Debug information may be a circle; no type that a person reads is nested deeper. */
const MAX_DEPTH = 16;

/** The type of a declaration without its name. */
export function typeText(type: CType): string {
  return declaration(type, '', 0);
}

/** `char comm[16]`. */
export function declarationText(type: CType, name: string): string {
  return declaration(type, name, 0);
}

/** `inner` is what is declared, from the name outwards. */
function declaration(type: CType, inner: string, depth: number): string {
  if (depth > MAX_DEPTH) return join('…', inner);
  switch (type.kind) {
    case 'pointer': {
      const { target } = type;
      const needsParentheses = target.kind === 'array' || target.kind === 'function';
      return declaration(target, needsParentheses ? `(*${inner})` : `*${inner}`, depth + 1);
    }
    case 'array':
      return declaration(type.element, `${inner}[${type.count ?? ''}]`, depth + 1);
    case 'function': {
      const parameters = type.parameters.slice(0, 32).map((one) => declaration(one, '', depth + 1));
      const all = type.variadic ? [...parameters, '...'] : parameters;
      return declaration(type.result, `${inner}(${all.length === 0 ? 'void' : all.join(', ')})`, depth + 1);
    }
    case 'qualified':
      if (type.type.kind === 'pointer') return declaration(type.type, join(type.qualifier, inner), depth + 1);
      return `${type.qualifier} ${declaration(type.type, inner, depth + 1)}`;
    case 'struct':
    case 'union':
    case 'enum':
      return join(type.name === undefined ? `${type.kind} {...}` : `${type.kind} ${type.name}`, inner);
    case 'void':
      return join('void', inner);
    case 'unknown':
      return join('<unknown type>', inner);
    default:
      return join(type.name, inner);
  }
}

function join(specifier: string, inner: string): string {
  return inner === '' ? specifier : `${specifier} ${inner}`;
}
