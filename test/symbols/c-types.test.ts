/** Types, variables and functions as debug information describes them, beside what gdb reads in the same files. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Program } from '../../debug-adapter/symbols/api';
import type { CMember, CType, FrameContext } from '../../debug-adapter/symbols/c-types';
import { loadProgram } from '../../debug-adapter/symbols/program';
import { finish } from '../../debug-adapter/symbols/steps';
import { FIXTURE_NAMES, fixtureBytes } from './fixtures.test-support';

const sample = join(import.meta.dirname, '../../sample-kernel/prebuilt/sample-metadata.elf');

interface Questions {
  readonly types: readonly string[];
  readonly values: readonly string[];
  readonly functions: readonly string[];
}

interface Answers {
  readonly types: readonly string[];
  readonly values: readonly string[];
  readonly functions: readonly (readonly [string, readonly string[]])[][];
}

/** `undefined` if there is no gdb. */
function askGdb(bytes: Uint8Array, questions: Questions): Answers | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'riscv-unwind-'));
  try {
    const [elf, asked] = [join(folder, 'program.elf'), join(folder, 'questions.json')];
    writeFileSync(elf, bytes);
    writeFileSync(asked, JSON.stringify(questions));
    const script = join(import.meta.dirname, 'gdb-oracle.py');
    const { status, stdout, error } = spawnSync('gdb-multiarch', ['-batch', '-nx', '-x', script, elf], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      env: { ...process.env, QUESTIONS: asked },
    });
    if (error !== undefined || status !== 0) return undefined;
    return JSON.parse(stdout.slice(stdout.indexOf('{'))) as Answers;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** As gdb-oracle.py writes it. */
function describeType(type: CType, depth: number): string {
  switch (type.kind) {
    case 'qualified': {
      let inner: CType = type;
      while (inner.kind === 'qualified') inner = inner.type;
      // A script cannot see `restrict` in gdb. Arrays have their qualifiers in their elements there.
      return inner.kind === 'array' ? describeType(inner, depth) : `cv ${describeType(inner, depth)}`;
    }
    case 'typedef':
      return `${type.name}=${describeType(type.type, depth)}`;
    case 'pointer':
      return `*${type.size}`;
    case 'array':
      // A flexible one has a range from 0 to 0 in gdb.
      return `[${type.count ?? 1}]${describeType(type.element, depth)}`;
    case 'enum':
      return `enum ${type.name ?? 'None'}{${type.enumerators.map(({ name, value }) => `${name}=${value}`).join()}}`;
    case 'struct':
    case 'union': {
      const head = `${type.kind} ${type.name ?? 'None'}(${type.size})`;
      if (depth === 0) return head;
      return `${head}{${type.members.map((member) => describeMember(member, depth - 1)).join(';')}}`;
    }
    case 'integer':
      if (type.as === 'boolean') return `bool${type.size}`;
      return `${type.signed ? 'int' : 'unsigned'}${type.size}`;
    case 'float':
      return `float${type.size}`;
    case 'void':
      return 'void';
    default:
      return type.kind;
  }
}

function describeMember({ name, offset, bits, type }: CMember, depth: number): string {
  const place = `${name ?? ''}@${offset * 8 + (bits?.shift ?? 0)}${bits ? `:${bits.width}` : ''}`;
  return `${place} ${describeType(type, depth)}`;
}

const nowhere: FrameContext = {
  pc: 0n,
  register: () => undefined,
  memory: () => undefined,
  cfa: () => undefined,
  caller: () => undefined,
  runAddress: (linked) => linked,
};

/** Some of a list, spread over all of it. */
function some<T>(list: readonly T[], count: number): readonly T[] {
  const step = Math.max(1, Math.floor(list.length / count));
  return list.filter((_, index) => index % step === 0);
}

/** All names, or some of them, that are answered here and in gdb. */
function questionsFor(program: Program, count: number): Questions {
  const debug = program.debug!;
  const names = finish(debug.names('', 1_000_000));
  const types = names.filter((name) => / |_t$/.test(name));
  const basic = ['long unsigned', 'unsigned', 'short int', 'signed char', 'long long', 'unsigned char'];
  const objects = program.symbols.symbols.filter(
    ({ kind, name }) => kind === 'object' && /^\w+$/.test(name) && program.symbols.named(name).length === 1,
  );
  const variables = some(objects, count).filter(({ name }) => debug.variables(name).length > 0);
  const enumerators = names.filter((name) => /^[A-Z_0-9]+$/.test(name));
  const functions = some(program.symbols.symbols, count)
    .filter(({ kind, size }) => kind === 'function' && size > 4)
    .flatMap(({ address, size }) => [address, address + BigInt((size >> 2) << 1)])
    .filter((pc) => debug.functionsAt(pc).length > 0)
    // An assembler calls each label a function, also those inside of others.
    .filter((pc) => !/\.S$/i.test(program.lines?.at(pc)?.file ?? ''));
  return {
    // Structures that no file defines are names, too.
    types: [...some(types, count).filter((name) => debug.type(name) !== undefined), ...basic],
    values: [
      ...variables.map(({ name }) => `&${name}`),
      ...some(enumerators, count).filter((name) => debug.enumerator(name) !== undefined),
    ],
    functions: functions.map((pc) => pc.toString(16)),
  };
}

function assertAgrees(program: Program, questions: Questions, answers: Answers): void {
  const debug = program.debug!;
  questions.types.forEach((name, i) => {
    const type = debug.type(name);
    assert.ok(type, name);
    const theirs = answers.types[i]!;
    // gdb looks for what another unit may define where it prints, not where a script asks.
    if (theirs.includes('(0){}')) return;
    assert.equal(describeType(type, 3), theirs, name);
  });
  questions.values.forEach((expression, i) => {
    const name = expression.replace('&', '');
    const ours = expression.startsWith('&') ? addressOf(program, name) : debug.enumerator(name)?.value;
    assert.equal(String(ours), answers.values[i], expression);
  });
  questions.functions.forEach((pc, i) => {
    const ours = debug
      .functionsAt(BigInt(`0x${pc}`))
      .map(({ name, blocks }) => [
        name,
        blocks.flatMap(({ variables }) => variables.map((variable) => variable.name)).sort(),
      ]);
    const theirs = answers.functions[i]!;
    assert.deepEqual(
      ours.map(([name]) => name),
      theirs.map(([name]) => name),
      pc,
    );
    ours.forEach(([, names], depth) => {
      const known = new Set(names);
      // gdb adds the variables of blocks that have no code at all to the function around them.
      const common = theirs[depth]![1].filter((name) => known.has(name));
      assert.deepEqual([...new Set(names)], [...new Set(common)], pc);
    });
  });
}

function addressOf(program: Program, name: string): bigint | undefined {
  const [variable] = program.debug!.variables(name);
  const location = variable?.locate(nowhere);
  const piece = location?.kind === 'pieces' ? location.pieces[0] : undefined;
  return piece?.kind === 'memory' ? piece.address : undefined;
}

const COMPILERS: readonly (readonly [string, readonly string[]])[] = [
  ['riscv64-unknown-elf-gcc', ['riscv64-unknown-elf-gcc', '-mno-relax', '-mcmodel=medany']],
  [
    'riscv64-linux-gnu-gcc',
    ['riscv64-linux-gnu-gcc', '-mno-relax', '-mcmodel=medany', '-static', '-fno-pie', '-no-pie'],
  ],
  ['clang', ['clang-19', '--target=riscv64', '-mno-relax', '-mcmodel=medany', '-fuse-ld=lld-19']],
];

/** `undefined` if there is no such compiler. */
function compiled(
  [compiler, ...options]: readonly string[],
  flags: readonly string[],
): Uint8Array | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'riscv-unwind-'));
  try {
    const elf = join(folder, 'program.elf');
    const source = join(import.meta.dirname, 'fixtures/optimised.c');
    const always = [
      '-ffreestanding',
      '-nostdlib',
      '-fno-omit-frame-pointer',
      '-Wl,-Ttext=0x80200000',
      source,
      '-o',
      elf,
    ];
    const { error, status, stderr } = spawnSync(compiler!, [...options, ...flags, ...always], {
      encoding: 'utf8',
    });
    if (error !== undefined) return undefined;
    assert.equal(status, 0, stderr);
    return new Uint8Array(readFileSync(elf));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function everyPc(program: Program, name: string): readonly bigint[] {
  const [symbol] = program.symbols.named(name);
  assert.ok(symbol, name);
  return Array.from({ length: symbol.size / 2 }, (_, index) => symbol.address + BigInt(2 * index));
}

describe('types, variables and functions agree with gdb', function () {
  this.timeout(180_000);

  for (const name of [...FIXTURE_NAMES, 'the sample kernel']) {
    it(`in ${name}`, function () {
      const bytes = name.startsWith('the ') ? new Uint8Array(readFileSync(sample)) : fixtureBytes(name);
      const program = loadProgram(bytes);
      // GNU ld moves code when it relaxes, but not the ranges of functions of gcc's fixtures: gdb finds others there.
      const found = questionsFor(program, 10_000);
      const questions = name.startsWith('gcc') ? { ...found, functions: [] } : found;
      const answers = askGdb(bytes, questions);
      if (answers === undefined) return this.skip();
      assert.ok(questions.types.length > 10 && questions.values.length > 5);
      assertAgrees(program, questions, answers);
    });
  }

  for (const [compiler, command] of COMPILERS) {
    for (const level of ['-O0', '-O2']) {
      for (const version of ['-gdwarf-4', '-gdwarf-5']) {
        it(`in what ${compiler} makes of a program with ${level} ${version}`, function () {
          const bytes = compiled(command, [level, version]);
          if (bytes === undefined) return this.skip();
          const program = loadProgram(bytes);
          const questions = questionsFor(program, 10_000);
          const answers = askGdb(bytes, questions);
          if (answers === undefined) return this.skip();
          assert.ok(
            questions.types.length > 8 && questions.values.length >= 8,
            `${questions.values.length} values`,
          );
          assert.ok(questions.functions.length >= 6);
          assertAgrees(program, questions, answers);
          const nested = everyPc(program, 'outermost').map((pc) =>
            program
              .debug!.functionsAt(pc)
              .map(({ name }) => name)
              .join(' in '),
          );
          assert.equal(nested.includes('innermost in middle in outermost'), true);
          for (const name of ['innermost', 'middle']) assertInlinedEntries(program, name);
        });
      }
    }
  }

  it('in a Linux kernel', function () {
    const packed = join(process.env['RISCV_UNWIND_LINUX'] ?? '', 'vmlinux-metadata.gz');
    if (!existsSync(packed)) return this.skip();
    const bytes = new Uint8Array(gunzipSync(readFileSync(packed)));
    const program = loadProgram(bytes);
    const questions = questionsFor(program, 400);
    const answers = askGdb(bytes, questions);
    if (answers === undefined) return this.skip();
    assert.ok(
      questions.types.length > 300 && questions.values.length > 300 && questions.functions.length > 150,
    );
    assertAgrees(program, questions, answers);
  });
});

/** Each copy of a function, and nothing else. */
function assertInlinedEntries(program: Program, name: string): void {
  const debug = program.debug!;
  const copiesAt = (pc: bigint) => debug.functionsAt(pc).filter((scope) => scope.name === name);
  const copies = new Set(everyPc(program, 'outermost').flatMap((pc) => copiesAt(pc).map(({ id }) => id)));
  const entries = finish(debug.inlinedEntries(name, 1000));
  const found = entries.flatMap((pc) => copiesAt(pc).map(({ id }) => id));
  assert.ok(copies.size > 0 && found.length >= entries.length, name);
  for (const id of copies) assert.ok(found.includes(id), `${name}: copy ${id}`);
  assert.deepEqual(finish(debug.inlinedEntries(name, 0)), []);
}
