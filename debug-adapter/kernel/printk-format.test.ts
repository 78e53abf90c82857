import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatPrintk } from './printk-format';

function format(text: string, ...values: readonly bigint[]): string {
  const left = [...values];
  return formatPrintk(text, {
    next: () => left.shift(),
    text: (address) => (address === 1n ? 'init' : undefined),
    symbol: () => 'schedule+0x12/0x80',
  });
}

describe('a format of printk', () => {
  it('is filled in as the kernel does', () => {
    assert.equal(
      format('\x010task %s[%d]: %5d|%-5d|%05d', 1n, -3n, 42n, 42n, 42n),
      'task init[-3]:    42|42   |00042',
    );
    assert.equal(
      format('0x%08x %#lx %llu %hhd', 0x1234n, 0xffn, 1n << 40n, 0x1ffn),
      '0x00001234 0xff 1099511627776 -1',
    );
    assert.equal(format('%c%c 100%% %.2s', 0x6fn, 0x6bn, 1n), 'ok 100% in');
    assert.equal(format('pc %pS from %px', 5n, 0xabcn), 'pc schedule+0x12/0x80 from 0000000000000abc');
  });

  it('cuts integers to their size', () => {
    assert.equal(format('%d %u %ld', 0xffff_ffffn, -1n, -1n), '-1 4294967295 -1');
  });

  it('has question marks for what is not known', () => {
    assert.equal(format('%s %d', 7n), '? ?');
    assert.equal(format('%s', 0n), '(null)');
  });

  it('is text, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.array(fc.bigInt(0n, (1n << 64n) - 1n), { maxLength: 4 }),
        (text, values) => {
          assert.equal(typeof format(text, ...values), 'string');
        },
      ),
    );
    assert.ok(format('%999d%*d', 1n, 127n, 5n).length < 2000);
  });
});
