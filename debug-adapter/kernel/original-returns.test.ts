import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Program } from '../symbols/api';
import type { ReturnSearch } from '../unwind/types';
import { KernelImage } from './kernel-image';
import { KernelMemory } from './kernel-memory';
import { OriginalReturns, originalReturnTypes } from './original-returns';
import { programWith, taskAt, Words } from './structs.test-support';

const task = 0xffff_ffc6_0000_1000n;
const heap = 0xffff_ffc6_0010_0000n;
const returnToHandler = 0xffff_ffff_8000_1000n;
const hookTrampoline = 0xffff_ffff_8000_2000n;
const ra = (n: number) => 0xffff_ffff_8000_4000n + BigInt(16 * n);
/** s0 of the n-th caller. */
const fp = (n: number) => 0xffff_ffc6_0002_0000n + BigInt(64 * n);
/** Where its callee has saved ra. */
const slot = (n: number) => fp(n) - 48n;

const members = { curr_ret_stack: { offset: 0, size: 4 }, ret_stack: 8, 'rethooks.first': 16 };
const taskStruct = { size: 64, members: { ...members, 'kretprobe_instances.first': 16 } };

/** `struct ftrace_ret_stack { ret, func, fp, retp }` of Linux 7.3 and `{ ret, func, calltime, fp, retp }` of 6.10. */
const packed = programWith(
  { return_to_handler: returnToHandler, fgraph_reserve_data: ra(99) },
  {
    task_struct: taskStruct,
    ftrace_ret_stack: { size: 32, members: { ret: 0, func: 8, fp: 16, retp: 24 } },
  },
);
const array = programWith(
  { return_to_handler: returnToHandler },
  {
    task_struct: taskStruct,
    ftrace_ret_stack: { size: 40, members: { ret: 0, func: 8, calltime: 16, fp: 24, retp: 32 } },
  },
);
const rethook = programWith(
  { arch_rethook_trampoline: hookTrampoline },
  {
    task_struct: taskStruct,
    rethook_node: {
      size: 48,
      members: { llist: 16, 'llist.next': 16, rethook: 24, ret_addr: 32, frame: 40 },
    },
  },
);
const kretprobe = programWith(
  { __kretprobe_trampoline: hookTrampoline },
  {
    task_struct: taskStruct,
    kretprobe_instance: { size: 64, members: { llist: 16, 'llist.next': 16, ret_addr: 32, fp: 40 } },
  },
);

interface Entry {
  readonly ret: bigint;
  readonly fp: bigint;
  readonly retp: bigint;
  /** Words that a tracer has put behind it. */
  readonly data?: number;
}

/** `ret_stack` of words since Linux 6.11, outermost first. */
function pack(words: Words, entries: readonly Entry[]): void {
  const stack: bigint[] = [0x5555n];
  for (const { ret, fp: caller, retp, data } of entries) {
    stack.push(ret, ra(50), caller, retp, (1n << 12n) | (1n << 10n) | 4n);
    if (data !== undefined) stack.push(...Array<bigint>(data).fill(-1n), (2n << 10n) | BigInt(5 + data));
  }
  words.write(heap, ...stack);
  words.write(task, BigInt(stack.length), heap);
}

/** `ret_stack` as an array until Linux 6.10, outermost first. */
function fill(words: Words, entries: readonly Entry[]): void {
  words.write(heap, ...entries.flatMap((entry) => [entry.ret, ra(50), 77n, entry.fp, entry.retp]));
  // The word holds curr_ret_stack and, above it, curr_ret_depth.
  words.write(task, BigInt.asUintN(32, BigInt(entries.length - 1)) | (7n << 32n), heap);
}

/** A list of nodes, innermost first. */
function link(words: Words, nodes: readonly { readonly ret: bigint; readonly frame: bigint }[]): void {
  const node = (n: number) => heap + BigInt(64 * n);
  const next = (n: number) => (n < nodes.length ? node(n) + 16n : 0n);
  words.write(task + 16n, next(0));
  nodes.forEach(({ ret, frame }, n) => words.write(node(n), 0n, 0n, next(n + 1), 0n, ret, frame));
}

function searchOf(program: Program, words: Words, isKnown = true): ReturnSearch {
  const image = new KernelImage(program);
  const of = isKnown ? taskAt(task) : undefined;
  const searches = new OriginalReturns(program, image).searches(of, new KernelMemory(words.memory, image));
  return searches?.() ?? assert.fail('there is no tracer');
}

/** pc, or the reason why there is none. */
function found(result: ReturnType<ReturnSearch['replaced']>): bigint | string | undefined {
  return result?.kind === 'found' ? result.pc : result?.reason;
}

describe('the original of a return address', () => {
  it('is not asked for in a kernel that has no tracers', () => {
    const program = programWith({}, {});
    const image = new KernelImage(program);
    const memory = new KernelMemory(() => assert.fail('memory was read'), image);
    assert.equal(new OriginalReturns(program, image).searches(taskAt(task), memory), undefined);
    assert.deepEqual(originalReturnTypes(program), []);
  });

  it('costs nothing until a trampoline is met', () => {
    const words = new Words();
    assert.equal(searchOf(packed, words).replaced(ra(1), { slot: slot(1), fp: fp(1) }), undefined);
    assert.equal(
      searchOf(packed, words).replaced(returnToHandler + 4n, { slot: slot(1), fp: fp(1) }),
      undefined,
    );
    assert.equal(words.read, 0);
  });

  for (const [era, program, write] of [
    ['words, as since Linux 6.11', packed, pack],
    ['an array, as until Linux 6.10', array, fill],
  ] as const) {
    describe(`in a ret_stack of ${era}`, () => {
      const entries = [1, 2, 3].map((n) => ({ ret: ra(n), fp: fp(4 - n), retp: slot(4 - n) }));

      it('is found by the address of the saved ra, innermost call first', () => {
        const words = new Words();
        write(words, entries);
        const search = searchOf(program, words);
        const results = [1, 2, 3].map((n) =>
          search.replaced(returnToHandler, { slot: slot(n), fp: undefined }),
        );
        assert.deepEqual(results.map(found), [ra(3), ra(2), ra(1)]);
        const first = results[0];
        assert.ok(first?.kind === 'found');
        assert.deepEqual([first.mark, first.rule], ['F', 'R14']);
        assert.deepEqual(new KernelMemory(words.memory, new KernelImage(program)).u64(first.address), ra(3));
        assert.match(
          first.reason,
          /^return_to_handler stands for 0xffffffff80004030, which ret_stack has at 0x/,
        );
      });

      it("is found by the caller's s0 in either place that may hold it", () => {
        const words = new Words();
        write(words, [
          { ret: ra(1), fp: 1n, retp: fp(2) },
          { ret: ra(2), fp: fp(1), retp: 1n },
        ]);
        const search = searchOf(program, words);
        assert.equal(found(search.replaced(returnToHandler, { slot: slot(1), fp: fp(1) })), ra(2));
        assert.equal(found(search.replaced(returnToHandler, { slot: slot(2), fp: fp(2) })), ra(1));
      });

      it('is that of the function that made a tail call, not the trampoline that it left behind', () => {
        const words = new Words();
        write(words, [
          entries[0]!,
          { ...entries[0]!, ret: returnToHandler },
          { ...entries[0]!, ret: returnToHandler },
        ]);
        assert.equal(
          found(searchOf(program, words).replaced(returnToHandler, { slot: slot(3), fp: fp(3) })),
          ra(1),
        );
      });

      it('is not found twice', () => {
        const words = new Words();
        write(words, entries);
        const search = searchOf(program, words);
        assert.equal(found(search.replaced(returnToHandler, { slot: slot(2), fp: fp(2) })), ra(2));
        assert.match(
          found(search.replaced(returnToHandler, { slot: slot(1), fp: fp(1) })) as string,
          /^the return address behind return_to_handler is not known: none of the 3 entries of ret_stack is for the saved ra at 0x\S+ or s0 0x\S+$/,
        );
      });

      it('is lost, with the reason, where the stack is absent, too long, or not there to be read', () => {
        const ask = (...words: bigint[]) => {
          const memory = new Words();
          memory.write(task, ...words);
          return found(searchOf(program, memory).replaced(returnToHandler, { slot: slot(1), fp: fp(1) }));
        };
        assert.match(ask(1n, 0n) as string, /the task has no ret_stack$/);
        assert.match(ask(1000n, heap) as string, /curr_ret_stack 1000 is beyond the end of ret_stack$/);
        assert.match(ask(3n, heap) as string, /the ret_stack cannot be read$/);
        assert.match(ask(0xffff_ffffn, heap) as string, /none of the 0 entries of ret_stack/);
        const unknown = searchOf(program, new Words(), false);
        assert.match(
          found(unknown.replaced(returnToHandler, { slot: 1n, fp: 1n })) as string,
          /not known whose stack/,
        );
      });

      it('never makes a search throw or read without end, whatever the stack holds', () => {
        const word = fc.oneof(
          fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
          fc.constantFrom(returnToHandler, fp(1), slot(1), heap, 0n, 5n),
        );
        fc.assert(
          fc.property(
            fc.array(word, { maxLength: 80 }),
            fc.integer({ min: -2, max: 600 }),
            (stack, count) => {
              const words = new Words();
              words.write(heap, ...stack);
              words.write(task, BigInt.asUintN(32, BigInt(count)), heap);
              const search = searchOf(program, words);
              for (let n = 0; n < 3; n++) {
                const result = search.replaced(returnToHandler, { slot: slot(1), fp: fp(1) });
                assert.ok(result);
                assert.ok(result.kind === 'lost' || result.pc !== returnToHandler);
              }
              assert.ok(words.read <= 3 * (4096 + 64));
            },
          ),
        );
      });
    });
  }

  it('is found over the words that tracers keep for themselves', () => {
    const words = new Words();
    pack(words, [
      { ret: ra(1), fp: fp(2), retp: 1n, data: 3 },
      { ret: ra(2), fp: fp(1), retp: 1n, data: 1 },
    ]);
    const search = searchOf(packed, words);
    assert.equal(found(search.replaced(returnToHandler, { slot: slot(1), fp: fp(1) })), ra(2));
    assert.equal(found(search.replaced(returnToHandler, { slot: slot(2), fp: fp(2) })), ra(1));
  });

  describe('in the list of a task', () => {
    for (const [name, program] of [
      ['rethooks', rethook],
      ['kretprobe_instances', kretprobe],
    ] as const) {
      it(`of ${name} is found by the caller's s0, innermost call first`, () => {
        const words = new Words();
        link(words, [
          { ret: ra(1), frame: fp(1) },
          { ret: hookTrampoline, frame: fp(2) },
          { ret: ra(2), frame: fp(2) },
        ]);
        const search = searchOf(program, words);
        const first = search.replaced(hookTrampoline, { slot: slot(1), fp: fp(1) });
        assert.ok(first?.kind === 'found');
        assert.deepEqual([first.pc, first.mark, first.rule], [ra(1), 'K', 'R15']);
        assert.equal(first.address, heap + 32n);
        assert.equal(found(search.replaced(hookTrampoline, { slot: slot(2), fp: fp(2) })), ra(2));
        assert.match(
          found(search.replaced(hookTrampoline, { slot: slot(3), fp: fp(3) })) as string,
          /none of the 3 entries/,
        );
      });
    }

    it('is the next one where the kernel has kept no frame', () => {
      const words = new Words();
      link(words, [
        { ret: ra(1), frame: 0n },
        { ret: ra(2), frame: 0n },
      ]);
      const search = searchOf(kretprobe, words);
      assert.equal(found(search.replaced(hookTrampoline, { slot: slot(1), fp: fp(1) })), ra(1));
      assert.equal(found(search.replaced(hookTrampoline, { slot: slot(2), fp: fp(2) })), ra(2));
    });

    it('is lost in a list that goes round and round, in bounded time', () => {
      const words = new Words();
      link(words, [{ ret: ra(1), frame: fp(1) }]);
      words.write(heap + 16n, heap + 16n);
      const result = searchOf(rethook, words).replaced(hookTrampoline, { slot: slot(2), fp: fp(2) });
      assert.match(found(result) as string, /none of the 1024 entries/);
    });

    it('is lost where the program does not describe the node', () => {
      const blind = programWith({ kretprobe_trampoline: hookTrampoline }, { task_struct: taskStruct });
      const result = searchOf(blind, new Words()).replaced(hookTrampoline, { slot: slot(1), fp: fp(1) });
      assert.match(found(result) as string, /does not describe struct kretprobe_instance/);
    });
  });

  describe('of a trampoline that runs', () => {
    const registers = { size: 136, members: { ra: 8, s0: 24 } };
    const inside = returnToHandler + 4n;
    const program = programWith(
      { return_to_handler: returnToHandler, fgraph_reserve_data: ra(99) },
      {
        task_struct: taskStruct,
        ftrace_ret_stack: { size: 32, members: { ret: 0, func: 8, fp: 16, retp: 24 } },
        __arch_ftrace_regs: registers,
      },
    );
    /** s0 of return_to_handler. */
    const own = 0xffff_ffc6_0003_0000n;
    const traced = (): Words => {
      const words = new Words();
      pack(words, [{ ret: ra(1), fp: fp(1), retp: 1n }]);
      words.write(own - 144n, ...Array<bigint>(18).fill(0n));
      return words;
    };

    it('is found by the s0 that it has saved in its registers, as since Linux 6.14', () => {
      const words = traced();
      words.write(own - 144n, 0n, returnToHandler, 0n, fp(1));
      // What the traced function has left: its slot, and half a record.
      words.write(own - 16n, 0x1234n, returnToHandler);
      const result = searchOf(program, words).behind(inside, own);
      assert.ok(result?.kind === 'found');
      assert.deepEqual([result.pc, result.fp], [ra(1), fp(1)]);
    });

    it('is found by s0 as long as that is not its own', () => {
      for (const pc of [returnToHandler, inside])
        assert.equal(found(searchOf(program, traced()).behind(pc, fp(1))), ra(1));
      assert.equal(
        searchOf(program, traced()).behind(returnToHandler + 8n, fp(1)),
        undefined,
        'behind its end',
      );
    });

    it('is not asked for where it keeps a frame record, as until Linux 6.13', () => {
      const words = traced();
      words.write(own - 16n, fp(1), returnToHandler);
      assert.equal(searchOf(program, words).behind(inside, own), undefined);
    });

    it('is found by s0 in those of kretprobes, which leave it alone', () => {
      const words = new Words();
      link(words, [{ ret: ra(1), frame: fp(1) }]);
      assert.equal(found(searchOf(rethook, words).behind(hookTrampoline + 4n, fp(1))), ra(1));
      assert.equal(searchOf(rethook, words).behind(hookTrampoline - 4n, fp(1)), undefined);
    });
  });

  it('is found behind both tracers where they have replaced one return address', () => {
    const both = programWith(
      {
        return_to_handler: returnToHandler,
        fgraph_reserve_data: 1n,
        arch_rethook_trampoline: hookTrampoline,
      },
      {
        task_struct: taskStruct,
        ftrace_ret_stack: { size: 32, members: { ret: 0, func: 8, fp: 16, retp: 24 } },
        rethook_node: { size: 48, members: { llist: 16, ret_addr: 32, frame: 40 } },
      },
    );
    const words = new Words();
    pack(words, [{ ret: hookTrampoline, fp: fp(1), retp: 1n }]);
    words.write(task + 16n, heap + 0x1010n);
    words.write(heap + 0x1000n, 0n, 0n, 0n, 0n, ra(1), fp(1));
    const result = searchOf(both, words).replaced(returnToHandler, { slot: slot(1), fp: fp(1) });
    assert.ok(result?.kind === 'found');
    assert.deepEqual([result.pc, result.mark], [ra(1), 'K']);
    assert.match(result.reason, /return_to_handler stands for .*; arch_rethook_trampoline stands for /);
  });
});
