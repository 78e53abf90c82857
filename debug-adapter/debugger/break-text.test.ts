import assert from 'node:assert/strict';
import fc from 'fast-check';
import { allOf, parseBreakText } from './break-text';

describe('a breakpoint as it is typed', () => {
  const cases: readonly [string, string, string | undefined][] = [
    ['handle_exception', 'handle_exception', undefined],
    [' entry.S:42 ', 'entry.S:42', undefined],
    ['handle_exception if $hart == 1', 'handle_exception', '$hart == 1'],
    ['schedule+0x10/0x90 if(a0 == 2)', 'schedule+0x10/0x90', '(a0 == 2)'],
    ['do_page_* hart=1', 'do_page_*', '$hart == 1'],
    ['do_irq task=init', 'do_irq', '$task.comm == "init"'],
    ['do_irq task=kworker/0:1', 'do_irq', '$task.comm == "kworker/0:1"'],
    ['do_irq pid=1 if a0 > 2', 'do_irq', '($task.pid == 1) && (a0 > 2)'],
    ['do_irq hart=0 task=init', 'do_irq', '($hart == 0) && ($task.comm == "init")'],
    ['do_irq if', 'do_irq', undefined],
    ['/my if/head.S:7', '/my if/head.S:7', undefined],
    ['iffy', 'iffy', undefined],
  ];
  for (const [text, spec, condition] of cases) {
    it(`"${text}"`, () => assert.deepEqual(parseBreakText(text), { spec, condition }));
  }

  it('is taken whatever is typed', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof parseBreakText(text).spec === 'string'));
  });

  it('has conditions that all must hold', () => {
    assert.equal(allOf([]), undefined);
    assert.equal(allOf([undefined, 'a0 || a1']), 'a0 || a1');
    assert.equal(allOf(['a0 || a1', 'a2']), '(a0 || a1) && (a2)');
  });
});
