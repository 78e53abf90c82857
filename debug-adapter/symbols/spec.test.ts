import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseSpec, type BreakpointSpec } from './spec';

const symbol = (name: string, offset?: bigint, size?: bigint): BreakpointSpec => ({
  kind: 'symbol',
  name,
  offset,
  size,
});

describe('parseSpec', () => {
  const accepted: [string, BreakpointSpec][] = [
    ['handle_exception', symbol('handle_exception')],
    [' schedule ', symbol('schedule')],
    ['handle_exception+0x5e', symbol('handle_exception', 0x5en)],
    ['handle_exception+0x0', symbol('handle_exception', 0n)],
    ['handle_exception + 94', symbol('handle_exception', 94n)],
    ['handle_exception+0x5e/0x13c', symbol('handle_exception', 0x5en, 0x13cn)],
    ['.Lsecondary_park', symbol('.Lsecondary_park')],
    ['.Lpair_\\@', symbol('.Lpair_\\@')],
    ['do_idle.constprop.0+0x2', symbol('do_idle.constprop.0', 2n)],
    ['entry.S:42', { kind: 'line', file: 'entry.S', line: 42 }],
    ['/src/my kernel/head.S:7', { kind: 'line', file: '/src/my kernel/head.S', line: 7 }],
    ['C:\\src\\head.S:7', { kind: 'line', file: 'C:\\src\\head.S', line: 7 }],
    ['*0xffffffff80000000', { kind: 'address', address: 0xffff_ffff_8000_0000n }],
    ['* 4096', { kind: 'address', address: 4096n }],
    ['0x80000000', { kind: 'address', address: 0x8000_0000n }],
    ['*_handler', { kind: 'glob', pattern: '*_handler' }],
    ['do_page_*', { kind: 'glob', pattern: 'do_page_*' }],
    ['sys_???d', { kind: 'glob', pattern: 'sys_???d' }],
  ];
  for (const [text, spec] of accepted) {
    it(`takes "${text}"`, () => assert.deepEqual(parseSpec(text), { ok: true, spec }));
  }

  const refused: [string, RegExp][] = [
    ['', /empty: write symbol/],
    ['42', /write \*42 for the address, or file:42 for the line/],
    ['0x8000000g', /write \* and a number/],
    ['*0x', /write \* and a number/],
    ['*0x1ffffffffffffffff', /more than 64 bits/],
    ['entry.S:', /no line number after the colon/],
    ['entry.S:main', /no line number after the colon/],
    ['entry.S:0', /count from 1/],
    ['schedule+', /is not a breakpoint: write symbol/],
    ['schedule+0x20/0x10', /lies outside schedule/],
    ['schedule+nonsense', /is not a breakpoint/],
  ];
  for (const [text, message] of refused) {
    it(`says what is wrong with "${text}"`, () => {
      const parsed = parseSpec(text);
      assert.ok(!parsed.ok);
      assert.match(parsed.message, message);
    });
  }

  it('answers whatever is typed', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof parseSpec(text).ok === 'boolean'));
  });
});
