import assert from 'node:assert/strict';
import type { CAggregate, CEnumeration, CMember, CType } from '../c-types';
import { CHAR, DOUBLE, FLOAT, INT, integerOf, UNSIGNED_LONG, VOID } from './basic-types';
import { evaluateText, fakeMachine, fakeNames } from './fake-program.test-support';
import { littleEndian } from './place';
import { typeText } from './type-text';
import { arrayOf, pointerTo } from './types';

function struct(name: string, size: number, members: readonly CMember[]): CAggregate {
  return {
    kind: 'struct',
    name,
    size,
    complete: true,
    get members() {
      return members;
    },
    member: (wanted) => members.find((one) => one.name === wanted),
  };
}

const field = (name: string, offset: number, type: CType, bits?: CMember['bits']): CMember => ({
  name,
  offset,
  type,
  bits,
});

const u32: CType = { kind: 'typedef', name: 'count_t', size: 4, type: integerOf(4, false) };
const s8 = integerOf(1, true);
const listMembers: CMember[] = [];
const listHead = struct('list_head', 16, listMembers);
listMembers.push(field('next', 0, pointerTo(listHead)), field('prev', 8, pointerTo(listHead)));
const color: CEnumeration = {
  kind: 'enum',
  name: 'color',
  size: 4,
  signed: false,
  enumerators: [
    { name: 'RED', value: 1n },
    { name: 'GREEN', value: 2n },
  ],
};
/** At 0x1000. */
const thing = struct('thing', 64, [
  field('n', 0, INT),
  field('count', 4, u32),
  field('low', 8, integerOf(4, false), { shift: 0, width: 3 }),
  field('high', 8, INT, { shift: 3, width: 4 }),
  field('tiny', 12, s8),
  field('list', 16, listHead),
  field('comm', 32, arrayOf(CHAR, 8)),
  field('name', 40, pointerTo({ kind: 'qualified', qualifier: 'const', size: 1, type: CHAR })),
  field('ratio', 48, DOUBLE),
  field('color', 56, color),
  field('half', 60, FLOAT),
]);

function memory(): Uint8Array {
  const bytes = new Uint8Array(0x100);
  const put = (at: number, value: bigint, size: number) => bytes.set(littleEndian(value, size), at);
  put(0, -5n, 4);
  put(4, 0xffff_fff0n, 4);
  put(8, 0b1010_101n, 4);
  put(12, -1n, 1);
  put(16, 0x1010n, 8);
  put(24, 0x1050n, 8);
  bytes.set(new TextEncoder().encode('swapper'), 32);
  put(40, 0x1080n, 8);
  new DataView(bytes.buffer).setFloat64(48, 2.5, true);
  put(56, 2n, 4);
  new DataView(bytes.buffer).setFloat32(60, 0.5, true);
  for (let i = 0; i < 4; i++) put(0x60 + 4 * i, BigInt(10 * i), 4);
  bytes.set(new TextEncoder().encode('init\0'), 0x80);
  return bytes;
}

const names = fakeNames({
  types: { 'struct thing': thing, 'struct list_head': listHead, count_t: u32, 'enum color': color },
  variables: {
    t: { type: thing, at: 0x1000n },
    p: { type: pointerTo(thing), at: 0x10c0n },
    a: { type: arrayOf(INT, 4), at: 0x1060n },
    gone: { type: INT, at: () => ({ kind: 'optimized out' }) },
    sp: {
      type: INT,
      at: () => ({ kind: 'pieces', pieces: [{ kind: 'register', register: 9, width: undefined }] }),
    },
    split: {
      type: listHead,
      at: () => ({
        kind: 'pieces',
        pieces: [
          { kind: 'register', register: 10, width: 64 },
          { kind: 'value', bytes: littleEndian(7n, 8), width: 64 },
        ],
      }),
    },
    half: {
      type: listHead,
      at: () => ({
        kind: 'pieces',
        pieces: [
          { kind: 'optimized out', width: 64 },
          { kind: 'memory', address: 0x1010n, width: 64 },
        ],
      }),
    },
  },
  registers: { sp: 0x1000n, a0: 0x1060n },
  symbols: { 'f.isra.0': 0x2000n, f: 0x3000n },
  enumerators: { GREEN: { value: 2n, type: color } },
});

const setUp = () => {
  const bytes = memory();
  bytes.set(littleEndian(0x1000n, 8), 0xc0);
  return fakeMachine(0x1000n, bytes, { 9: 0xffff_ffff_ffff_fffdn, 10: 0x55n });
};

describe('an expression over the types of a program', () => {
  const evaluate = (text: string) => evaluateText(text, names, setUp());
  const values: readonly [string, bigint | number][] = [
    ['t.n', -5n],
    ['t.count', 0xffff_fff0n],
    // 32-bit unsigned arithmetic wraps; a number is no wider than C makes it.
    ['t.count + t.count', 0xffff_ffe0n],
    ['t.count + 0x20', 0x10n],
    ['t.count + (long)0x20', 0x1_0000_0010n],
    ['t.count + 15 == -1', 1n],
    ['t.n == 0xfffffffb', 1n],
    ['t.n == 4294967291', 0n],
    ['t.count + 0x1_0000_0000', 0x1_ffff_fff0n],
    // C converts the int to unsigned (C17 6.3.1.8).
    ['t.n < t.count', 0n],
    ['t.n < t.tiny', 1n],
    ['(long)t.n < (long)t.count', 1n],
    ['-t.count', 16n],
    ['~t.tiny', 0n],
    ['t.low', 5n],
    ['t.high', -6n],
    ['t.low - 6 < 0', 1n],
    ['p->n', -5n],
    ['p.n', -5n],
    ['(*p).list.next', 0x1010n],
    ['p->list.next->next == &t.list', 1n],
    ['&t.list', 0x1010n],
    ['&t.count + 1', 0x1008n],
    ['a[2]', 20n],
    ['*(a + 3)', 30n],
    ['3[a]', 30n],
    ['&a[3] - a', 3n],
    ['sizeof(struct thing)', 64n],
    ['sizeof t.list', 16n],
    ['sizeof(a) / sizeof(a[0])', 4n],
    ['sizeof(count_t)', 4n],
    ['sizeof(struct thing *)', 8n],
    ['sizeof(int [3][2])', 24n],
    ['((struct thing *)$sp)->count', 0xffff_fff0n],
    ['((struct list_head *)0x1010)->prev', 0x1050n],
    ['(count_t)-1', 0xffff_ffffn],
    ['(unsigned char)300 + 1', 45n],
    ['1 << 40', 1n << 40n],
    ['~0u', 2n ** 64n - 1n],
    ['t.count + 15 == ~0u', 1n],
    ['(count_t)(t.n) * 2', 0xffff_fff6n],
    ['(count_t)t.n', 0xffff_fffbn],
    ['(bool)t.n', 1n],
    ['(const struct thing *)p == p', 1n],
    ['t.ratio * 2', 5],
    ['t.half + 1', 1.5],
    ['(int)t.ratio', 2n],
    ['1.5 > 1', 1n],
    ['t.color == GREEN', 1n],
    ['t.color', 2n],
    ['t.comm == "swapper"', 1n],
    ['t.comm == "swap"', 0n],
    ['"swapper" != t.comm', 0n],
    ['p->name == "init"', 1n],
    ['p->name == "initial"', 0n],
    ["t.comm[0] == 's'", 1n],
    // A local wins over the register of its name; with $ it is the register.
    ['sp', -3n],
    ['$sp', 0x1000n],
    ['split.next', 0x55n],
    ['split.prev', 7n],
    ['half.prev', 0x1010n],
    ['f.isra.0', 0x2000n],
    ['f', 0x3000n],
    ['(void *)p + 1', 0x1001n],
    ['t.n ? t.n : 0', -5n],
    ['1 ? t.count : t.n', 0xffff_fff0n],
    ['u8[p + 0]', 0xfbn],
    ['p && p->n', 1n],
  ];
  for (const [text, value] of values) {
    it(`gives ${value} for ${text}`, () => {
      const result = evaluate(text);
      assert.ok(result.ok, result.ok ? '' : result.message);
      assert.equal(result.scalar, value);
    });
  }

  const types: readonly [string, string][] = [
    ['&t', 'struct thing *'],
    ['t.list.next', 'struct list_head *'],
    ['a', 'int [4]'],
    ['&a', 'int (*)[4]'],
    ['t.tiny + t.tiny', 'int'],
    ['t.low + t.low', 'int'],
    ['t.count + t.n', 'unsigned int'],
    ['t.count + 1', 'unsigned int'],
    ['t.count == 1', 'int'],
    ['t.half + t.half', 'float'],
    ['t.half + t.ratio', 'double'],
    ['(void (*)(int))0', 'void (*)(...)'],
    ['p->name', 'const char *'],
  ];
  for (const [text, type] of types) {
    it(`gives ${text} the type ${type}`, () => {
      const result = evaluate(text);
      assert.ok(result.ok, result.ok ? '' : result.message);
      assert.equal(typeText(result.type), type);
    });
  }

  const errors: readonly [string, RegExp][] = [
    ['t.nosuch', /struct thing has no member "nosuch"/],
    ['a0->n', /Cast it first/],
    ['t + 1', /no number: choose one of its members/],
    ['(struct nosuch *)p', /no type "struct nosuch"/],
    ['(nosuch)5', /no type "nosuch"/],
    ['&t.low', /bit-field has no address/],
    ['gone', /"gone" is optimized out/],
    ['half.next', /optimized out/],
    ['p + p', /cannot be added/],
    ['*(void *)p', /void/],
    ['f(1)', /not called/],
    ['t.', /name of a member is missing/],
    ['"a" < "b"', /only be compared with ==/],
    ['t.n == "a"', /can be compared with a text/],
    ['t.n = 5', /do not assign here/],
    ['(struct thing)p', /cast a pointer and follow it/],
    ['t.ratio & 1', /whole numbers/],
    ['$nosuch(1)', /no helper "\$nosuch"/],
    ['sizeof(void (*)(int', /is missing/],
  ];
  for (const [text, message] of errors) {
    it(`says what is wrong with ${text}`, () => {
      const result = evaluate(text);
      assert.ok(!result.ok, 'it has a value');
      assert.match(result.message, message);
    });
  }

  it('says in place of a value why there is none', () => {
    const result = evaluate('gone + 1');
    assert.ok(!result.ok);
    assert.equal(result.shown, '<optimized out>');
  });

  it('assigns to memory, bit-fields, texts and registers where that is allowed', () => {
    const machine = setUp();
    const set = (text: string) => {
      const result = evaluateText(text, names, machine, true);
      assert.ok(result.ok, result.ok ? '' : result.message);
      return result.scalar;
    };
    assert.equal(set('t.n = 300'), 300n);
    assert.equal(set('t.tiny = 0x1ff'), -1n);
    assert.equal(set('t.high = 2'), 2n);
    assert.equal(set('t.low'), 5n);
    assert.equal(set('t.high'), 2n);
    assert.equal(set('a[1] = a[2] = 7'), 7n);
    assert.equal(set('a[1] + a[2]'), 14n);
    set('t.comm = "idle"');
    assert.equal(set('t.comm == "idle"'), 1n);
    set('t.ratio = 1');
    assert.equal(set('t.ratio'), 1);
    set('p->list.prev = &t.list');
    assert.equal(set('t.list.prev == &p->list'), 1n);
    set('sp = 4');
    assert.equal(machine.written.get(9), 4n);
    assert.equal(set('sp'), 4n);
    set('t.list = *t.list.next');
    for (const [text, message] of [
      ['t = 5', /no value for a struct thing/],
      ['5 = 5', /value and no place/],
      ['t.comm = "much too long"', /too long/],
      ['a0 = 1', /read-only/],
      ['split.prev = 1', /several places/],
      ['*(int *)0x9000 = 1', /not RAM/],
    ] as const) {
      const result = evaluateText(text, names, machine, true);
      assert.ok(!result.ok, text);
      assert.match(result.message, message);
    }
  });
});

describe('the name of a type', () => {
  it('is written as in C', () => {
    const callback: CType = {
      kind: 'function',
      result: VOID,
      parameters: [INT, pointerTo(VOID)],
      variadic: false,
    };
    assert.equal(typeText(pointerTo(callback)), 'void (*)(int, void *)');
    assert.equal(typeText(arrayOf(pointerTo(callback), 3)), 'void (*[3])(int, void *)');
    assert.equal(typeText(pointerTo(arrayOf(UNSIGNED_LONG, 2))), 'unsigned long (*)[2]');
    assert.equal(
      typeText(pointerTo({ kind: 'qualified', qualifier: 'const', size: 8, type: pointerTo(CHAR) })),
      'char *const *',
    );
  });
});
