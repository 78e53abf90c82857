import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KernelImage } from './kernel-image';
import { KernelMemory } from './kernel-memory';
import { ModuleList } from './module-list';
import { programWith, Words, type Members } from './structs.test-support';

const head = 0xffff_ffff_8000_8000n;
const heap = 0xffff_ffc6_0010_0000n;
const text = 0xffff_ffff_0140_0000n;
const attributes = heap + 0x1000n;
const elements = attributes + 64n;
const pointers = heap + 0x2000n;
const names = heap + 0x3000n;

const word = (offset: number) => ({ offset, size: 4 });
const binary: Members = { 'attr.name': 0, 'attr.mode': word(8), size: 16, private: 24 };

/** By the Linux that it is of: the structures, and one section's words. */
const eras: Readonly<
  Record<
    string,
    {
      readonly attributes: Members;
      readonly structs: Readonly<Record<string, { readonly size: number; readonly members: Members }>>;
      readonly section: (name: bigint, address: bigint) => readonly bigint[];
    }
  >
> = {
  '5.4': {
    attributes: { 'grp.attrs': 24, nsections: word(40), attrs: 64 },
    structs: {
      module_sect_attr: { size: 32, members: { 'mattr.attr.name': 0, name: 16, address: 24 } },
      bin_attribute: { size: 32, members: binary },
    },
    section: (name, address) => [0n, 0n, name, address],
  },
  '6.12': {
    attributes: { 'grp.bin_attrs': 32, nsections: word(40), attrs: 64 },
    structs: {
      module_sect_attr: { size: 40, members: { 'battr.attr.name': 0, address: 32 } },
      bin_attribute: { size: 32, members: binary },
    },
    section: (name, address) => [name, 0n, 0n, 0n, address],
  },
  '7.3': {
    attributes: { 'grp.bin_attrs': 32, attrs: 64 },
    structs: { bin_attribute: { size: 32, members: binary } },
    section: (name, address) => [name, 0n, 0n, address],
  },
};

function moduleOf(era: keyof typeof eras) {
  const { attributes: members, structs } = eras[era]!;
  const program = programWith(
    { modules: head },
    {
      module: {
        size: 128,
        members: { state: word(0), list: 8, mem: { offset: 24, size: 24 }, sect_attrs: 48, percpu: 56 },
      },
      module_memory: { size: 24, members: { base: 0, size: word(8) } },
      module_sect_attrs: { size: 64, members },
      ...structs,
    },
    { MOD_TEXT: 0n },
  );
  const image = new KernelImage(program);
  const words = new Words();
  words.write(head, heap + 8n);
  words.write(heap, 0n, head, 0n, text, 0x1000n, 0n, attributes, 0n, ...Array<bigint>(8).fill(0n));
  const sections = () =>
    new ModuleList(program, image).all(new KernelMemory(words.memory, image))[0]!.sections();
  return { words, sections };
}

for (const [era, { section }] of Object.entries(eras)) {
  describe(`sections of modules, as Linux ${era} keeps them`, () => {
    function written() {
      const { words, sections } = moduleOf(era);
      const found = ['.text', '.init.text', '.bad\u001bname'].map((name, n) => {
        words.writeBytes(names + BigInt(64 * n), `${name}\0`);
        return section(names + BigInt(64 * n), text + BigInt(0x1000 * n));
      });
      words.write(attributes, 0n, 0n, 0n, 0n, pointers, 3n, 0n, 0n, ...found.flat());
      const size = 8n * BigInt(found[0]!.length);
      words.write(pointers, ...found.map((_, n) => elements + size * BigInt(n)), 0n);
      return { words, sections };
    }

    it('have their names and addresses', () => {
      assert.deepEqual(
        [...written().sections()],
        [
          ['.text', text],
          ['.init.text', text + 0x1000n],
          ['.bad?name', text + 0x2000n],
        ],
      );
    });

    it('include that of per-CPU variables', () => {
      const { words, sections } = written();
      words.write(heap + 56n, head + 0x100n);
      assert.equal(sections().get('.data..percpu'), head + 0x100n);
    });

    it('are none for a module that the kernel does not show, and those before what cannot be read', () => {
      const { words, sections } = written();
      words.write(elements + 8n * BigInt(section(0n, 0n).length), ...section(0x10n, 1n));
      if (era === '5.4') words.write(elements + 32n, 0n, 0n, 0x10n, 1n);
      assert.deepEqual([...sections().keys()], ['.text']);
      words.write(heap + 48n, 0n);
      assert.deepEqual([...sections()], []);
    });

    it('end, whatever memory holds', () => {
      fc.assert(
        fc.property(fc.array(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), { maxLength: 24 }), (noise) => {
          const { words, sections } = written();
          words.write(attributes, ...noise);
          assert.ok(sections().size < 10_000);
        }),
        { numRuns: 50 },
      );
    });
  });
}
