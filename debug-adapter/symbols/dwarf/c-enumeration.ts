/** An enumeration from its DIE. */
import type { CEnumeration } from '../c-types';
import type { TypeSource } from './type-source';
import { AT, ATE, TAG } from './constants';
import { constantOf, nameOf, type Die } from './die';
import { sizeOf } from './member-layout';

const MOST_ENUMERATORS = 100_000;

export class Enumeration implements CEnumeration {
  readonly kind = 'enum';
  readonly #declared: Die;
  readonly #types: TypeSource;
  #die: Die | undefined;
  #enumerators: CEnumeration['enumerators'] | undefined;

  constructor(die: Die, types: TypeSource) {
    this.#declared = die;
    this.#types = types;
  }

  /** Where a type unit has the type, it has its name, too. */
  get name(): string | undefined {
    return (
      nameOf(this.#declared) ??
      (this.#declared.attributes.has(AT.signature) ? nameOf(this.#defined) : undefined)
    );
  }

  get size(): number {
    return sizeOf(this.#defined, this.#types.reader());
  }

  get signed(): boolean {
    const die = this.#defined;
    const underlying = this.#types.reader().follow(die, AT.type) ?? die;
    const encoding = Number(constantOf(underlying, AT.encoding) ?? constantOf(die, AT.encoding) ?? 0n);
    // Compilers of C before DWARF 3 do not say.
    if (encoding === 0) return this.#children().some(({ value }) => value < 0n);
    return encoding === ATE.signed || encoding === ATE.signed_char;
  }

  get enumerators(): CEnumeration['enumerators'] {
    if (this.#enumerators !== undefined) return this.#enumerators;
    const bits = Math.min(64, this.size * 8) || 64;
    const { signed } = this;
    const wrap = (value: bigint) => (signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value));
    return (this.#enumerators = this.#children().map(({ name, value }) => ({ name, value: wrap(value) })));
  }

  #children(): { readonly name: string; readonly value: bigint }[] {
    const found: { name: string; value: bigint }[] = [];
    for (const child of this.#types.reader().children(this.#defined)) {
      const [name, value] = [nameOf(child), constantOf(child, AT.const_value)];
      if (child.tag === TAG.enumerator && name !== undefined && value !== undefined)
        found.push({ name, value });
      if (found.length === MOST_ENUMERATORS) break;
    }
    return found;
  }

  /** Linux declares enumerations before their definition, as a GNU extension. */
  get #defined(): Die {
    const { attributes } = this.#declared;
    if (!attributes.has(AT.declaration) && !attributes.has(AT.signature)) return this.#declared;
    return (this.#die ??= this.#types.definition(this.#declared) ?? this.#declared);
  }
}
