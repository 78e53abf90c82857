/** What a parsed expression consists of. */

/** A type as it is written. */
export interface TypeName {
  readonly at: number;
  /** `unsigned long`, `struct list_head`, `pid_t`. */
  readonly words: string;
  /** What is behind it, in order: `*`, or the number of elements of an array; `function` for one of a pointer's targets, `(*)()`. */
  readonly derived: readonly ('*' | 'function' | number)[];
}

/** `at` is the position that an error about the node points to. */
export type Node = { readonly at: number } & (
  | { readonly kind: 'number'; readonly value: bigint; readonly unsigned: boolean; readonly text: string }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  /** `a0`, `handle_exception`, `init_task.tasks.next`: where the symbol ends and members begin the names tell. */
  | { readonly kind: 'name'; readonly name: string }
  /** `$a0`, `$task`: without the dollar sign. */
  | { readonly kind: 'dollar'; readonly name: string }
  /** `$list(…)`. */
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Argument[] }
  | { readonly kind: 'unary'; readonly operator: '-' | '+' | '~' | '!' | '&'; readonly operand: Node }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Node; readonly right: Node }
  | { readonly kind: 'choice'; readonly test: Node; readonly yes: Node; readonly no: Node }
  | { readonly kind: 'assign'; readonly target: Node; readonly value: Node }
  | { readonly kind: 'cast'; readonly type: TypeName; readonly operand: Node }
  | { readonly kind: 'sizeof'; readonly of: Argument }
  | { readonly kind: 'dereference'; readonly operand: Node }
  /** `u8[address]`. */
  | { readonly kind: 'typed-read'; readonly type: TypeName; readonly address: Node }
  /** `pointer[index]`. */
  | { readonly kind: 'index'; readonly pointer: Node; readonly index: Node }
  /** `a.b`, `a->b`. */
  | { readonly kind: 'member'; readonly operand: Node; readonly member: string }
);

/** Where a type or a value may be given. A name alone is a value: what takes it may understand it as a type. */
export type Argument =
  { readonly kind: 'type'; readonly type: TypeName } | { readonly kind: 'value'; readonly node: Node };
