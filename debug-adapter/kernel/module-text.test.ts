import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Program } from '../symbols/api';
import { KernelImage } from './kernel-image';
import { KernelMemory } from './kernel-memory';
import { ModuleList, moduleTypes } from './module-list';
import { ModuleText } from './module-text';
import { programWith, Words } from './structs.test-support';

const head = 0xffff_ffff_8000_8000n;
const heap = 0xffff_ffc6_0010_0000n;
const text = 0xffff_ffff_0140_0000n;
const initText = 0xffff_ffff_0150_0000n;

/** `struct module { list; mem[7] }` of Linux 6.4 and newer. */
const since64 = programWith(
  { modules: head },
  {
    module: { size: 192, members: { list: 8, mem: { offset: 24, size: 168 } } },
    module_memory: {
      size: 24,
      members: { base: 0, is_rox: { offset: 8, size: 1 }, size: { offset: 12, size: 4 } },
    },
  },
  { MOD_TEXT: 0n, MOD_INIT_TEXT: 4n },
);
/** `struct module { list; core_layout; init_layout }` of Linux 4.5 to 6.3. */
const until63 = programWith(
  { modules: head },
  {
    module: {
      size: 80,
      members: {
        list: 8,
        'core_layout.base': 24,
        'core_layout.size': { offset: 32, size: 4 },
        'core_layout.text_size': { offset: 36, size: 4 },
        'init_layout.base': 48,
        'init_layout.text_size': { offset: 60, size: 4 },
      },
    },
  },
);

function isText(program: Program, words: Words): (pc: bigint) => boolean {
  const image = new KernelImage(program);
  return new ModuleText(new ModuleList(program, image), image).at(new KernelMemory(words.memory, image));
}

/** The n-th module, linked to the next one; zeros behind its list. */
function module(words: Words, n: number, next: bigint): bigint {
  const address = heap + BigInt(256 * n);
  words.write(address, 0n, next, 0n, ...Array<bigint>(24).fill(0n));
  return address;
}

describe('the text of modules (R18)', () => {
  for (const [era, program, write] of [
    [
      'since Linux 6.4',
      since64,
      (words: Words, address: bigint) => {
        words.write(address + 24n, text, 0x2000n << 32n);
        words.write(address + 24n + 4n * 24n, initText, 0x100n << 32n);
      },
    ],
    [
      'until Linux 6.3',
      until63,
      (words: Words, address: bigint) => {
        words.write(address + 24n, text, (0x2000n << 32n) | 0x9000n);
        words.write(address + 48n, initText, 0x100n << 32n);
      },
    ],
  ] as const) {
    it(`is found in all of them, ${era}`, () => {
      const words = new Words();
      const second = module(words, 1, head);
      const first = module(words, 0, second + 8n);
      write(words, second);
      words.write(head, first + 8n);
      const is = isText(program, words);
      assert.deepEqual(
        [text, text + 0x1fffn, text + 0x2000n, initText + 0xffn, initText + 0x100n, text - 1n].map(is),
        [true, true, false, true, false, false],
      );
    });
  }

  it('is read once, and not for an address that cannot be the kernel’s', () => {
    const words = new Words();
    words.write(head, head);
    const is = isText(since64, words);
    assert.equal(is(0x10000n), false);
    assert.equal(words.read, 0);
    is(text);
    const { read } = words;
    is(text);
    assert.equal(words.read, read);
  });

  it('is none in a kernel without modules, or one that does not describe them', () => {
    const words = new Words();
    assert.equal(isText(programWith({}, {}), words)(text), false);
    assert.equal(isText(programWith({ modules: head }, {}), words)(text), false);
    assert.deepEqual(moduleTypes(programWith({}, {})), []);
  });

  it('ends at a list that goes round and round, or nowhere, whatever it holds', () => {
    const place = fc.constantFrom(head, heap + 8n, heap + 264n, 0n, 8n, (1n << 64n) - 8n, text);
    fc.assert(
      fc.property(
        fc.array(place, { minLength: 3, maxLength: 3 }),
        fc.bigInt({ min: 0n, max: 1n << 63n }),
        (links, word) => {
          const words = new Words();
          words.write(module(words, 0, links[0]!) + 24n, word, word);
          words.write(module(words, 1, links[1]!) + 24n, word, word);
          words.write(head, links[2]!);
          isText(since64, words)(text);
          assert.ok(words.read < 4097 * 200);
        },
      ),
      { numRuns: 50 },
    );
  });
});
