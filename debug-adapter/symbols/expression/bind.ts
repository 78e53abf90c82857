/** Gives the names of a parsed expression their meaning. What is bound is evaluated as often as one likes. */
import type { CType } from '../c-types';
import { addressTaken, at as memoryAt, cast, dereferenced, indexed, member } from './access';
import { binary, convert, negated, operandType, truth } from './arithmetic';
import { assignment } from './assignment';
import { CHAR, DOUBLE, INT, LONG, SIZE, UNSIGNED, UNSIGNED_LONG } from './basic-types';
import { rvalue, textValue, type Bound } from './bound';
import { helperCall } from './helper-call';
import { lvalue } from './load';
import type { Names } from './names';
import { readRegister, placeOf } from './place';
import type { Argument, Node, TypeName } from './syntax';
import { comparedTexts } from './texts';
import { ExpressionError } from './tokens';
import { arrayOf, isScalar, plain, sizeOf, typeNamed } from './types';
import { typeText } from './type-text';

/** @throws ExpressionError for a name that means nothing, and for what C's types do not allow. */
export function bind(node: Node, names: Names): Bound {
  return new Binder(names).bind(node);
}

class Binder {
  readonly #names: Names;

  constructor(names: Names) {
    this.#names = names;
  }

  bind(node: Node): Bound {
    const { at } = node;
    switch (node.kind) {
      case 'number':
        return this.#number(node);
      case 'float':
        return rvalue(at, DOUBLE, () => node.value);
      case 'string':
        return textValue(at, arrayOf(CHAR, node.value.length + 1), () => node.value);
      case 'name':
        return this.#dotted(node.name, at);
      case 'dollar':
        return this.#dollar(node.name, at);
      case 'call':
        return this.#helper(node.name, at, node.arguments) ?? unknown(at, noHelper(node.name));
      case 'unary':
        return this.#unary(node);
      case 'binary':
        return this.#binary(node);
      case 'choice':
        return this.#choice(node);
      case 'assign':
        return assignment(this.bind(node.target), this.bind(node.value), at);
      case 'cast':
        return cast(this.bind(node.operand), this.#type(node.type), at);
      case 'sizeof':
        return this.#sizeof(node.of, at);
      case 'dereference':
        return dereferenced(this.bind(node.operand), at);
      case 'typed-read': {
        const address = this.bind(node.address);
        return memoryAt(
          at,
          this.#type(node.type),
          (machine) => convert(address.scalar(machine), plain(UNSIGNED_LONG)) as bigint,
        );
      }
      case 'index':
        return indexed(this.bind(node.pointer), this.bind(node.index), at);
      case 'member':
        return member(this.bind(node.operand), node.member, at);
    }
  }

  /** Numbers have 64 bits among themselves, whatever C says of small ones: nobody types a suffix to see `1 << 40`. */
  #number({ at, value, unsigned, text }: Node & { kind: 'number' }): Bound {
    const number = unsigned ? value : BigInt.asIntN(64, value);
    const small = smallType(value, unsigned, !text.startsWith('0'));
    return { ...rvalue(at, unsigned ? UNSIGNED_LONG : LONG, () => number), small };
  }

  /** The longest beginning of `a.b.c` that names something; what follows are members. */
  #dotted(text: string, at: number): Bound {
    for (let end = text.length; end > 0; end = text.lastIndexOf('.', end - 1)) {
      const found = this.#name(text.slice(0, end), at);
      if (!found) continue;
      const members = end === text.length ? [] : text.slice(end + 1).split('.');
      let position = at + end + 1;
      return members.reduce((operand, name) => {
        const bound = member(operand, name, position);
        position += name.length + 1;
        return bound;
      }, found);
    }
    const [first] = text.startsWith('.') ? [text] : text.split('.');
    return unknown(
      at,
      `"${first!}" is neither a register nor a symbol of the program, nor a variable that is known here.`,
    );
  }

  #name(name: string, at: number): Bound | undefined {
    return (
      this.#variable(name, at) ??
      this.#register(name, at) ??
      this.#symbol(name, at) ??
      this.#enumerator(name, at)
    );
  }

  #variable(name: string, at: number): Bound | undefined {
    const variable = this.#names.variable(name);
    if (!variable) return undefined;
    const place = lvalue(at, variable.type, (machine) => placeOf(variable.locate(machine.frame), name, at));
    return { ...place, named: { kind: 'variable', name } };
  }

  #register(name: string, at: number): Bound | undefined {
    const register = this.#names.register(name);
    if (!register) return undefined;
    return {
      ...rvalue(at, UNSIGNED_LONG, (machine) => readRegister(register, machine, at)),
      place: () => ({ kind: 'register', register }),
      named: { kind: 'register', name },
    };
  }

  #symbol(name: string, at: number): Bound | undefined {
    const symbol = this.#names.symbol(name);
    if (!symbol) return undefined;
    const { address, type } = symbol;
    const bound = type ? memoryAt(at, type, address) : rvalue(at, UNSIGNED_LONG, address);
    return { ...bound, named: { kind: 'symbol', name } };
  }

  #enumerator(name: string, at: number): Bound | undefined {
    const enumerator = this.#names.enumerator(name);
    return enumerator && rvalue(at, enumerator.type, () => enumerator.value);
  }

  #dollar(name: string, at: number): Bound {
    return (
      this.#helper(name, at, undefined) ??
      this.#register(name, at) ??
      unknown(at, `There is no register "${name}", and no helper "$${name}".`)
    );
  }

  #helper(name: string, at: number, list: readonly Argument[] | undefined): Bound | undefined {
    const helper = this.#names.helper(name);
    if (!helper) return undefined;
    const bindNode = (node: Node) => this.bind(node);
    return helper(helperCall({ name, at, list, names: this.#names, bind: bindNode }));
  }

  #unary(node: Node & { kind: 'unary' }): Bound {
    const { at, operator } = node;
    const operand = this.bind(node.operand);
    if (operator === '&') return addressTaken(operand, at);
    if (operator === '!') {
      const { scalar } = this.#scalar(operand);
      return rvalue(at, INT, (machine) => (truth(scalar(machine)) ? 0n : 1n));
    }
    const result = negated(this.#scalar(operand), at, operator);
    return { ...result, small: operand.small };
  }

  #binary(node: Node & { kind: 'binary' }): Bound {
    const { at, operator } = node;
    const left = this.bind(node.left);
    const right = this.bind(node.right);
    const compared = comparedTexts(operator, left, right, at);
    if (compared) return compared;
    const [a, b] = [this.#scalar(left).scalar, this.#scalar(right).scalar];
    if (operator === '&&')
      return rvalue(at, INT, (machine) => (truth(a(machine)) && truth(b(machine)) ? 1n : 0n));
    if (operator === '||')
      return rvalue(at, INT, (machine) => (truth(a(machine)) || truth(b(machine)) ? 1n : 0n));
    return binary(operator, left, right, at);
  }

  #choice(node: Node & { kind: 'choice' }): Bound {
    const { at } = node;
    const test = this.#scalar(this.bind(node.test));
    const [yes, no] = [this.bind(node.yes), this.bind(node.no)];
    // As in C both have one type; the sum of two numbers has it.
    const isNumber = [yes, no].every((one) => ['integer', 'enum', 'float'].includes(operandType(one).kind));
    const type = isNumber ? binary('+', yes, no, at).type : yes.type;
    const target = plain(type);
    return rvalue(at, type, (machine) =>
      convert((truth(test.scalar(machine)) ? yes : no).scalar(machine), target),
    );
  }

  /** What is a structure, or nothing, has no part in arithmetic. */
  #scalar(operand: Bound): Bound {
    const type = operandType(operand);
    if (isScalar(type) || operand.text) return operand;
    return unknown(
      operand.at,
      type.kind === 'unknown'
        ? `The type is not known: ${type.reason}.`
        : `A ${typeText(type)} is no number: choose one of its members.`,
    );
  }

  #sizeof(of: Argument, at: number): Bound {
    const type = of.kind === 'type' ? this.#type(of.type) : this.#typeOf(of.node);
    const size = sizeOf(type);
    if (size === undefined) return unknown(at, `The size of ${typeText(type)} is not known.`);
    return rvalue(at, SIZE, () => BigInt(size));
  }

  /** Of a value; of a type if the name is that of no value. */
  #typeOf(node: Node): CType {
    if (node.kind === 'name' && !this.#name(node.name, node.at)) {
      const type = this.#names.type(node.name);
      if (type) return type;
    }
    return this.bind(node).type;
  }

  #type(name: TypeName): CType {
    return typeNamed(name, (words) => this.#names.type(words));
  }
}

/** The type of a number of up to 32 bits (C17 6.4.4.1); `undefined` for larger ones. */
function smallType(value: bigint, unsigned: boolean, decimal: boolean): CType | undefined {
  if (value < 1n << 31n) return unsigned ? UNSIGNED : INT;
  return value < 1n << 32n && (unsigned || !decimal) ? UNSIGNED : undefined;
}

function noHelper(name: string): string {
  return `There is no helper "$${name}": 'help' lists them.`;
}

function unknown(at: number, message: string): never {
  throw new ExpressionError(at, message);
}
