import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KernelImage } from './kernel-image';
import { KernelMemory } from './kernel-memory';
import { ModuleList, moduleMilestones } from './module-list';
import { programWith, Words } from './structs.test-support';

const head = 0xffff_ffff_8000_8000n;
const heap = 0xffff_ffc6_0010_0000n;
const text = 0xffff_ffff_0140_0000n;
const table = heap + 0x1_0000n;
const strings = heap + 0x2_0000n;
const size = 256;

const word = (offset: number) => ({ offset, size: 4 });
const program = programWith(
  { modules: head, do_init_module: head + 64n, module_arch_cleanup: head + 72n },
  {
    module: {
      size,
      members: {
        state: word(0),
        list: 8,
        name: { offset: 24, size: 16 },
        mem: { offset: 40, size: 120 },
        taints: 160,
        refcnt: word(168),
        source_list: 176,
        kallsyms: 192,
      },
    },
    module_memory: { size: 24, members: { base: 0, size: word(12) } },
    module_use: { size: 48, members: { source_list: 0, target_list: 16, source: 32, target: 40 } },
    mod_kallsyms: { size: 32, members: { symtab: 0, num_symtab: word(8), strtab: 16, typetab: 24 } },
  },
  { MOD_TEXT: 0n, MOD_DATA: 1n, MOD_INIT_TEXT: 4n },
);

function list(): { readonly modules: ModuleList; readonly words: Words; readonly memory: KernelMemory } {
  const image = new KernelImage(program);
  const words = new Words();
  return { modules: new ModuleList(program, image), words, memory: new KernelMemory(words.memory, image) };
}

const at = (n: number) => heap + BigInt(n * size);

/** The n-th of `count` modules, which the list has in this order. */
function write(words: Words, n: number, count: number, name: string): void {
  const module = at(n);
  const next = n + 1 < count ? at(n + 1) + 8n : head;
  words.write(module, 0n, next, 0n, ...Array<bigint>(29).fill(0n));
  words.writeBytes(module + 24n, name);
  words.write(module + 40n, text + BigInt(n * 0x1_0000), 0x1000n << 32n);
  words.write(module + 160n, 0n, 1n, module + 176n, module + 176n, table + BigInt(64 * n));
  if (n === 0) words.write(head, module + 8n);
}

/** An `Elf64_Sym`. */
function symbol(words: Words, index: number, name: number, value: bigint, type = 2, section = 1): void {
  words.write(
    strings + 0x1000n + BigInt(24 * index),
    BigInt(name) | (BigInt(type) << 32n) | (BigInt(section) << 48n),
    value,
    1n,
  );
}

describe('the list of modules', () => {
  it('has names, memory, users, references, states and taints', () => {
    const { modules, words, memory } = list();
    write(words, 0, 3, 'young');
    write(words, 1, 3, 'old');
    write(words, 2, 3, 'bad\u001bname-that-has-no-end');
    words.write(at(0), 1n);
    words.write(at(0) + 40n + 96n, text + 0x8000n, 0x20n << 32n);
    // young uses old: a struct module_use is in the lists of both.
    const use = heap + 0x3000n;
    words.write(use, at(1) + 176n, at(1) + 176n, 0n, 0n, at(0), at(1));
    words.write(at(1) + 160n, (1n << 12n) | 1n, 3n, use, use);
    const found = modules.all(memory);
    assert.deepEqual(
      found.map(({ name, state, users, references, taints, size: bytes }) => [
        name,
        state,
        users,
        references,
        taints,
        bytes,
      ]),
      [
        ['young', 'coming', [], 0, '', 0x1020],
        ['old', 'live', ['young'], 2, 'PO', 0x1000],
        ['bad?name-that-ha', 'live', [], 0, '', 0x1000],
      ],
    );
    assert.deepEqual(found[0]!.regions, [
      { name: 'text', start: text, end: text + 0x1000n },
      { name: 'init text', start: text + 0x8000n, end: text + 0x8020n },
    ]);
  });

  it('leaves out what is not complete, as the kernel itself does', () => {
    const { modules, words, memory } = list();
    write(words, 0, 1, 'unformed');
    words.write(at(0), 3n);
    assert.deepEqual(modules.all(memory), []);
  });

  it('is watched where modules come and go, in kernels that have them', () => {
    assert.deepEqual(moduleMilestones(program), [head + 64n, head + 72n]);
    assert.deepEqual(moduleMilestones(programWith({ do_init_module: 64n }, {})), []);
  });
});

describe('the symbols of a module', () => {
  it('are those that kallsyms finds, with sizes up to the next one', () => {
    const { modules, words, memory } = list();
    write(words, 0, 1, 'mod');
    words.write(table, strings + 0x1000n, 8n, strings, 0n);
    words.writeBytes(strings, '\0second\0first\0$x\0.L1\0elsewhere\0alias\0data\0');
    words.write(strings + 0x1000n, 0n, 0n, 0n);
    symbol(words, 1, 1, text + 0x100n);
    symbol(words, 2, 8, text + 0x40n);
    symbol(words, 3, 14, text + 0x80n);
    symbol(words, 4, 17, text + 0x90n);
    symbol(words, 5, 21, text + 0x10_0000n);
    symbol(words, 6, 31, text + 0x100n);
    symbol(words, 7, 37, text + 0x200n, 1);
    const [module] = modules.all(memory);
    assert.deepEqual(module!.symbols(), [
      { name: 'first', address: text + 0x40n, size: 0xc0, kind: 'function' },
      { name: 'second', address: text + 0x100n, size: 0x100, kind: 'function' },
      { name: 'data', address: text + 0x200n, size: 0xe00, kind: 'object' },
    ]);
    const { read } = words;
    assert.equal(modules.all(memory)[0]!.symbols(), module!.symbols());
    assert.ok(words.read - read <= size + 8, 'symbols are read once');
  });

  it('ends, whatever memory holds', () => {
    const value = fc.oneof(
      fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      fc.constantFrom(0n, at(0), at(1) + 8n, at(0) + 176n, table, strings, text, head, 1n << 32n),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 100, maxLength: 100 }), (random) => {
        const { modules, words, memory } = list();
        write(words, 0, 2, 'a');
        write(words, 1, 2, 'b');
        words.write(table, strings + 0x1000n, random[99]!, strings, 0n);
        words.write(strings, ...random);
        words.write(strings + 0x1000n, ...random);
        for (let n = 0; n < 6; n++) words.write(at(n & 1) + 8n * (random[n]! & 31n), random[n + 6]!);
        for (const module of modules.all(memory)) module.symbols();
        assert.ok(words.read < 20_000_000);
      }),
      { numRuns: 100 },
    );
  });
});
