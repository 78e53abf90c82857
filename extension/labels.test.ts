import assert from 'node:assert/strict';
import { chosenLabel, matchLabels, placeOf, sortLabels, type Label } from './labels';

const label = (name: string, file = '', line = 0): Label => ({ name, file, line });
const names = (labels: readonly Label[]) => labels.map(({ name }) => name);

describe('the labels of the quick pick', () => {
  const labels = sortLabels([
    label('schedule', '/k/sched.c', 10),
    label('do_irq', '/k/irq.c', 5),
    label('ret_from_exception', '/k/entry.S', 146),
    label('_start', '/k/head.S', 24),
    label('handle_exception', '/k/entry.S', 73),
    label('memset'),
  ]);

  it('come from assembly files first, in the order of their lines, then by name', () => {
    assert.deepEqual(names(labels), [
      ...['handle_exception', 'ret_from_exception', '_start'],
      ...['do_irq', 'memset', 'schedule'],
    ]);
  });

  it('that begin with what was typed come before those that contain it', () => {
    assert.deepEqual(names(matchLabels(labels, 'S', 10)), [...['schedule', '_start', 'memset']]);
    assert.deepEqual(names(matchLabels(labels, ' EXCEPTION ', 10)), [
      'handle_exception',
      'ret_from_exception',
    ]);
  });

  it('are found by their file too', () => {
    assert.deepEqual(names(matchLabels(labels, 'entry.s', 10)), ['handle_exception', 'ret_from_exception']);
    assert.deepEqual(names(matchLabels(labels, 'head.S:24', 10)), ['_start']);
  });

  it('are limited in number, the best ones kept', () => {
    const many = sortLabels([
      label('x_memset'),
      ...Array.from({ length: 1000 }, (_, i) => label(`memset_${i}`)),
    ]);
    assert.equal(matchLabels(many, '', 300).length, 300);
    assert.ok(!names(matchLabels(many, 'memset', 300)).includes('x_memset'));
  });

  it('are chosen by what was typed where the list has not caught up with it', () => {
    assert.equal(chosenLabel(labels, 'exc', 'ret_from_exception'), 'ret_from_exception');
    assert.equal(chosenLabel(labels, 'do_', 'handle_exception'), 'do_irq');
    assert.equal(chosenLabel(labels, 'exc', undefined), 'handle_exception');
    assert.equal(chosenLabel(labels, ' do_irq+0x10 ', undefined), 'do_irq+0x10');
    assert.equal(chosenLabel([], ' ', undefined), undefined);
  });

  it('show their place as file and line', () => {
    assert.equal(placeOf(label('x', '/k/arch/entry.S', 3)), 'entry.S:3');
    assert.equal(placeOf(label('x', 'C:\\k\\entry.S', 3)), 'entry.S:3');
    assert.equal(placeOf(label('x')), '');
  });
});
