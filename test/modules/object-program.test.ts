/** What is read of a module's relocatable file beside what ld makes of the same file at the same addresses. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Program } from '../../debug-adapter/symbols/api';
import { memorySource } from '../../debug-adapter/symbols/bytes/byte-source';
import type { CVariable } from '../../debug-adapter/symbols/c-types';
import { readObject } from '../../debug-adapter/symbols/elf/elf-file';
import { objectProgram, placeObject } from '../../debug-adapter/symbols/object-program';
import { loadProgram } from '../../debug-adapter/symbols/program';
import { fullFrame, exerciseDebugInformation } from '../symbols/debug-information.test-support';
import { buildModule, sectionAddresses, type BuiltModule } from './module.test-support';

const gcc = 'riscv64-linux-gnu-gcc';
const clang = ['clang-19', '--target=riscv64-linux-gnu', '-Wno-unknown-attributes'];
const compilers: readonly (readonly [string, readonly string[]])[] = [
  ['gcc, DWARF 5', [gcc, '-gdwarf-5', '-mno-relax']],
  ['gcc, DWARF 4', [gcc, '-gdwarf-4', '-mno-relax']],
  // The assembler leaves all differences to the linker then: ADD, SUB, SET6, ULEB128.
  ['gcc, DWARF 5, with relaxation', [gcc, '-gdwarf-5', '-mrelax']],
  ['gcc, DWARF 5, compressed', [gcc, '-gdwarf-5', '-mno-relax', '-gz']],
  ['clang, DWARF 5', [...clang, '-gdwarf-5', '-mno-relax']],
  ['clang, DWARF 5, with relaxation', [...clang, '-gdwarf-5', '-mrelax']],
  ['clang, DWARF 4', [...clang, '-gdwarf-4', '-mno-relax']],
];

function placed(ko: Uint8Array, addresses = sectionAddresses): Program {
  return objectProgram(placeObject(readObject(memorySource(ko)), addresses));
}

const describeVariable = (variable: CVariable, pc: bigint): unknown => {
  const { name, kind, declaration, type } = variable;
  const shape = type.kind === 'struct' ? `struct ${type.name}` : type.kind;
  return { name, kind, declaration, shape, location: variable.locate(fullFrame(pc)) };
};

function describe_(program: Program, pc: bigint): unknown {
  const { lines, debug, symbols, callFrames } = program;
  const row = lines?.at(pc);
  return {
    row,
    back: row && lines?.addresses(row.file, row.line),
    symbol: symbols.at(pc),
    frame: callFrames?.at(pc),
    functions: debug?.functionsAt(pc).map(({ name, callSite, declaration, entry, blocks }) => ({
      name,
      callSite,
      declaration,
      entry,
      variables: blocks.map(({ variables }) => variables.map((variable) => describeVariable(variable, pc))),
    })),
    statics: debug?.unitVariables(pc).map((variable) => describeVariable(variable, pc)),
  };
}

for (const [name, compiler] of compilers) {
  describe(`a module's file as it is in memory (${name})`, function () {
    this.timeout(60_000);
    let built: BuiltModule;
    let [ours, theirs]: Program[] = [];
    before(function () {
      const module = buildModule(compiler);
      if (!module) return this.skip();
      built = module;
      [ours, theirs] = [placed(built.ko), loadProgram(built.linked[0]!)];
    });

    it('has the code, symbols, lines, functions and variables that ld gives it', () => {
      assert.deepEqual(
        ours!.text.map(({ start }) => start).toSorted(),
        theirs!.text.map(({ start }) => start).toSorted(),
      );
      const seen = new Set<string>();
      for (const { start, end } of theirs!.text) {
        for (let pc = start; pc < end; pc += 2n) {
          const expected = describe_(theirs!, pc);
          assert.deepEqual(describe_(ours!, pc), expected, pc.toString(16));
          for (const { name } of theirs!.debug!.functionsAt(pc)) seen.add(name);
        }
      }
      assert.deepEqual([...seen].sort(), ['counter_init', 'counter_read', 'keep', 'scaled', 'sum']);
      assert.deepEqual(ours!.warnings, theirs!.warnings);
    });

    it('has its globals where ld puts them, per-CPU ones too', () => {
      for (const name of ['last', 'readings', 'mood', 'names', 'limits', 'kept', 'local_count']) {
        const [mine, reference] = [ours!, theirs!].map(({ debug }) =>
          debug!.variables(name).map((variable) => describeVariable(variable, 0n)),
        );
        assert.equal(mine!.length, 1, name);
        assert.deepEqual(mine, reference);
        const [symbol] = ours!.symbols.named(name);
        assert.deepEqual(symbol, theirs!.symbols.named(name)[0]);
      }
    });

    it('says nothing of code that was given back, and puts it nowhere', () => {
      const without = new Map(sectionAddresses);
      without.delete('.init.text');
      const program = placed(built.ko, without);
      assert.deepEqual(program.symbols.named('counter_init'), []);
      const { start, end } = theirs!.text.find(({ start }) => start === sectionAddresses.get('.init.text'))!;
      for (let pc = start; pc < end; pc += 2n) {
        assert.equal(program.lines!.at(pc), undefined);
        assert.deepEqual(program.debug!.functionsAt(pc), []);
      }
      const text = program.text[0]!.start;
      assert.deepEqual(describe_(program, text), describe_(theirs!, text));
    });
  });
}

describe("a module's file, also one that is damaged", function () {
  this.timeout(60_000);
  let ko: Uint8Array;
  before(function () {
    const module = buildModule([gcc, '-gdwarf-5', '-mrelax']);
    if (!module) return this.skip();
    ko = module.ko;
  });

  it('is refused with a sentence, or read as far as it goes, and never throws later', () => {
    const damage = fc.array(
      fc.record({ at: fc.nat(ko.length - 1), value: fc.constantFrom(0, 1, 0x7f, 0x80, 0xff) }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(damage, fc.nat(ko.length), (changes, cut) => {
        const bytes = ko.slice(0, Math.max(64, ko.length - (cut % 4 === 0 ? cut : 0)));
        // The header decides whether it is a module at all.
        for (const { at, value } of changes) if (at >= 64 && at < bytes.length) bytes[at] = value;
        const program = placed(bytes);
        for (const address of sectionAddresses.values()) {
          program.lines?.at(address);
          program.symbols.at(address);
          program.callFrames?.at(address);
          program.debug?.functionsAt(address);
        }
        exerciseDebugInformation(program);
      }),
      { numRuns: 300 },
    );
  });

  it('is not changed by being read, whatever holds its bytes', () => {
    const bytes = Buffer.from(ko);
    placed(bytes).lines!.at(sectionAddresses.get('.text')!);
    assert.ok(bytes.equals(ko));
  });

  it('is not taken for a kernel, nor a kernel for it', () => {
    assert.throws(() => loadProgram(ko), /relocatable object file/);
    const kernel = ko.slice();
    kernel[16] = 2;
    assert.throws(() => placed(kernel), /not a relocatable object file/);
  });
});
