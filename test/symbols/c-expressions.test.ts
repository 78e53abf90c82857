/** Expressions over a program's static data have the values that gdb gives them, and arithmetic the values that gcc computes. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { FrameContext } from '../../debug-adapter/symbols/c-types';
import { evaluate, bindExpression, attempt } from '../../debug-adapter/symbols/expression/evaluate';
import type { Machine, Names } from '../../debug-adapter/symbols/expression/names';
import { parseExpression } from '../../debug-adapter/symbols/expression/parse';
import { loadProgram } from '../../debug-adapter/symbols/program';
import type { Program } from '../../debug-adapter/symbols/api';

const compiler = 'riscv64-linux-gnu-gcc';
const has = (command: string) => spawnSync(command, ['--version']).status === 0;

const source = `
typedef unsigned int count_t;
typedef struct { short x, y; } point;
enum color { RED = 1, GREEN = 2, BLUE = 4 };
struct list_head { struct list_head *next, *prev; };
struct thing {
  int n; count_t count; unsigned low : 3; int high : 4; unsigned long long wide : 40;
  signed char tiny; unsigned char byte; char comm[16]; const char *name;
  struct list_head list; point points[3]; enum color color; double ratio; float half; _Bool yes;
  union { unsigned long whole; unsigned short parts[4]; };
  int (*call)(int); int matrix[2][3];
};
static int twice(int x) { return 2 * x; }
struct thing thing = {
  .n = -5, .count = 4000000000u, .low = 5, .high = -6, .wide = 0xabcdef0123ull, .tiny = -1, .byte = 200,
  .comm = "swapper/0", .name = "hello", .list = { &thing.list, &thing.list },
  .points = {{1, -2}, {3, -4}, {5, -6}}, .color = BLUE, .ratio = 2.5, .half = -0.75f, .yes = 1,
  .whole = 0x1122334455667788ul, .call = twice, .matrix = {{1, 2, 3}, {4, 5, 6}},
};
struct thing *pointer = &thing;
short numbers[5] = {10, -20, 30, -40, 50};
unsigned long long big = 0xfffffffffffffff0ull;
signed char small = -100; unsigned char uchar = 250; short word = -30000; unsigned short uword = 60000;
int integer = -2000000000; unsigned uword32 = 4000000000u; long lng = -9000000000000000000l; unsigned long uword64 = 17000000000000000000ul;
int main(void) { return thing.n; }
`;

/** Names and memory of a program that does not run. */
function staticProgram(program: Program): { readonly names: Names; readonly machine: Machine } {
  const frame: FrameContext = {
    pc: program.entry,
    register: () => undefined,
    memory(address, length) {
      const home = program.segments.find(
        ({ virtualAddress, memorySize }) =>
          address >= virtualAddress && address + BigInt(length) <= virtualAddress + BigInt(memorySize),
      );
      if (!home) return undefined;
      const start = Number(address - home.virtualAddress);
      const bytes = new Uint8Array(length);
      bytes.set(home.data.subarray(start, start + length));
      return bytes;
    },
    cfa: () => undefined,
    caller: () => undefined,
    runAddress: (linked) => linked,
  };
  const { debug } = program;
  const names: Names = {
    type: (name) => debug?.type(name),
    variable: (name) => debug?.variables(name)[0],
    enumerator: (name) => debug?.enumerator(name),
    register: () => undefined,
    symbol(name) {
      const [symbol] = program.symbols.named(name);
      const type = debug?.functionType(name);
      return symbol && { address: () => symbol.address, ...(type && { type }) };
    },
    helper: () => undefined,
  };
  return { names, machine: { frame, pc: program.entry, hart: 0, writer: undefined } };
}

/** Without sums of bit-fields, which gdb does not promote to int as C does (C17 6.3.1.1). */
const expressions = [
  'thing.n',
  'thing.count',
  'thing.low',
  'thing.high',
  'thing.wide',
  'thing.tiny',
  'thing.byte',
  'thing.color',
  'thing.whole',
  'thing.parts[0]',
  'thing.parts[3]',
  'thing.points[1].y',
  'thing.points[2].x',
  'thing.matrix[1][2]',
  'thing.ratio * 4',
  'thing.half',
  'thing.half * thing.ratio',
  'thing.yes',
  'pointer->n',
  '(*pointer).count',
  'pointer->list.next->prev == &thing.list',
  '&thing.list',
  '&pointer->points[1]',
  '&thing.matrix[1][1]',
  'thing.matrix[1] - thing.matrix[0]',
  '&thing.points[2] - &thing.points[0]',
  'sizeof(struct thing)',
  'sizeof(thing.points)',
  'sizeof(point)',
  'sizeof(enum color)',
  'sizeof(pointer->comm)',
  'sizeof(thing.matrix[0])',
  'thing.comm[0]',
  '*thing.name',
  'thing.name[4]',
  'thing.call == twice',
  'numbers[1]',
  '*(numbers + 3)',
  '&numbers[4] - numbers',
  'numbers[0] + numbers[1] * numbers[2]',
  '(long)pointer & 7',
  '*(unsigned short *)&thing.whole',
  '((point *)&thing.points)[1].x',
  '*(int (*)[3])thing.matrix == thing.matrix[0]',
  'GREEN',
  'BLUE | RED',
  'thing.color == BLUE',
  '(enum color)2 == GREEN',
  'big + 16',
  'big > 0',
  'small + uchar',
  'uchar + uchar',
  'small * word',
  'uword << 4',
  'integer + integer',
  'uword32 + uword32',
  'uword32 > integer',
  'integer < lng',
  'lng + lng',
  'uword64 + uword32',
  '-uword32',
  '~uchar',
  '!small',
  'word / 7',
  'word % 7',
  'integer >> 4',
  'uword32 >> 4',
  'lng >> 60',
  'uword64 / 3',
  'small < uchar',
  'integer == (int)uword32',
  '(unsigned char)word',
  '(signed char)uword',
  '(unsigned)small',
  '(short)integer',
  '(long)uword32',
  '(count_t)-1 == uword32',
  'small ? 1 : 2',
  'uword32 ? small : uchar',
  'word & uword',
  'word | uchar',
  'small ^ uword32',
  'thing.tiny < thing.byte',
  'thing.count + thing.n',
];

describe('expressions beside the compiler and gdb', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'c-values-'));
  after(() => rmSync(folder, { recursive: true }));

  function compileProgram(name: string, text: string, flags: readonly string[] = []): string {
    const file = join(folder, `${name}.elf`);
    writeFileSync(join(folder, `${name}.c`), text);
    execFileSync(compiler, [
      '-g',
      '-O1',
      '-w',
      '-static',
      '-nostdlib',
      '-Wl,-e,main',
      ...flags,
      '-o',
      file,
      join(folder, `${name}.c`),
    ]);
    return file;
  }

  function valueOf(text: string, { names, machine }: ReturnType<typeof staticProgram>): bigint | number {
    const isType = (name: string) => names.type(name) !== undefined;
    const parsed = attempt(() => ({ ok: true as const, node: parseExpression(text, { isType }) }));
    assert.ok(parsed.ok, parsed.ok ? '' : `${text}: ${parsed.message}`);
    const bound = bindExpression(parsed.node, names);
    assert.ok(bound.ok, bound.ok ? '' : `${text}: ${bound.message}`);
    const result = evaluate(bound.bound, machine);
    assert.ok(result.ok, result.ok ? '' : `${text}: ${result.message}`);
    assert.notEqual(result.scalar, undefined, text);
    return result.scalar!;
  }

  it('have the values that gdb gives them', function () {
    if (!has(compiler) || !has('gdb-multiarch')) this.skip();
    for (const dwarf of ['-gdwarf-4', '-gdwarf-5']) {
      const file = compileProgram('static', source, [dwarf]);
      // 64 bits of each, or the number of a float.
      const commands = expressions.flatMap((text) => [
        '-ex',
        `output/x (unsigned long)(${text})`,
        '-ex',
        'echo \\n',
        '-ex',
        `output (double)(${text})`,
        '-ex',
        'echo \\n',
      ]);
      const gdb = spawnSync('gdb-multiarch', ['-q', '-nx', '-batch', ...commands, file], {
        encoding: 'utf8',
      });
      const lines = gdb.stdout.split('\n');
      const program = staticProgram(loadProgram(readFileSync(file)));
      for (const [index, text] of expressions.entries()) {
        const ours = valueOf(text, program);
        if (typeof ours === 'number')
          assert.equal(ours, Number(lines[2 * index + 1]), `${text}: ${gdb.stderr}`);
        else assert.equal(BigInt.asUintN(64, ours), BigInt(lines[2 * index]!), `${text}: ${gdb.stderr}`);
      }
    }
  });

  it('compute with each pair of types what the compiler computes', function () {
    if (!has(compiler)) this.skip();
    const types = [
      'signed char',
      'unsigned char',
      'short',
      'unsigned short',
      'int',
      'unsigned',
      'long',
      'unsigned long',
      '_Bool',
    ];
    const operators = [
      '+',
      '-',
      '*',
      '/',
      '%',
      '&',
      '|',
      '^',
      '<<',
      '>>',
      '<',
      '>',
      '<=',
      '>=',
      '==',
      '!=',
      '&&',
      '||',
    ];
    const number = fc.oneof(
      fc.constantFrom(
        0n,
        1n,
        -1n,
        127n,
        128n,
        255n,
        32768n,
        0x7fff_ffffn,
        0x8000_0000n,
        0xffff_ffffn,
        0x7fff_ffff_ffff_ffffn,
      ),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    );
    const operand = fc
      .tuple(fc.constantFrom(...types), number)
      .map(([type, value]) => `((${type})${value < 0n ? `(-${-value}ul)` : `${value}ul`})`);
    const term = fc.tuple(operand, fc.constantFrom(...operators), operand).map(([a, operator, b]) => {
      // What C leaves open: a count beyond the width, and division by zero or of the least number by -1.
      if (operator === '<<' || operator === '>>') return `(${a} ${operator} (${b} & 7))`;
      if (operator === '/' || operator === '%') return `(${a} ${operator} ((${b} & 63) + 1))`;
      return `(${a} ${operator} ${b})`;
    });
    const unary = fc
      .tuple(fc.constantFrom('-', '~', '!', '+'), operand)
      .map(([operator, a]) => `(${operator}${a})`);
    const choice = fc.tuple(operand, operand, operand).map(([a, b, c]) => `(${a} ? ${b} : ${c})`);
    const one = fc.oneof({ weight: 6, arbitrary: term }, unary, choice);
    const whole = fc.oneof(
      one,
      fc
        .tuple(one, fc.constantFrom('+', '-', '*', '&', '|', '^', '<', '==', '>'), one)
        .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
    );
    const texts = fc.sample(whole, { numRuns: 2000, seed: 7 });
    const file = compileProgram(
      'arithmetic',
      `unsigned long results[] = {\n${texts.map((text) => `(unsigned long)${text}`).join(',\n')}};\nint main(void) { return results[0]; }`,
      ['-fwrapv'],
    );
    const { names, machine } = staticProgram(loadProgram(readFileSync(file)));
    for (const [index, text] of texts.entries()) {
      const compiled = valueOf(`results[${index}]`, { names, machine });
      assert.equal(BigInt.asUintN(64, valueOf(text, { names, machine }) as bigint), compiled, text);
    }
  });
});
