import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseCatchCondition } from './catch-condition';
import { anyCall, calls, interrupts, kernelExceptions, stackChecks, type Catchable } from './catchables';

const isRegister = (word: string) => ['a0', 'pc', 'scause'].includes(word);

function chosen(text: string | undefined, among: readonly Catchable[] = kernelExceptions): readonly string[] {
  const parsed = parseCatchCondition(text, among, isRegister);
  return parsed.ok ? parsed.chosen.map(({ name }) => name) : assert.fail(parsed.message);
}

function expression(text: string): string | undefined {
  const parsed = parseCatchCondition(text, kernelExceptions, isRegister);
  return parsed.ok ? parsed.expression : assert.fail(parsed.message);
}

function refusal(text: string, among: readonly Catchable[] = kernelExceptions): string {
  const parsed = parseCatchCondition(text, among, isRegister);
  return parsed.ok ? assert.fail(`'${text}' was understood`) : parsed.message;
}

describe('the condition of an exception filter', () => {
  it('chooses what the filter stands for when it names nothing', () => {
    const all = chosen(undefined);
    assert.ok(all.includes('load page fault'));
    assert.ok(!all.some((name) => name.startsWith('environment call')));
    assert.deepEqual(chosen('  '), all);
    assert.deepEqual(chosen('$tval < 4096'), all);
    assert.equal(expression('$tval < 4096'), '$tval < 4096');
    assert.deepEqual(chosen('', [anyCall, ...calls]), ['any']);
  });

  it('names causes as the manual does, without regard to case', () => {
    assert.deepEqual(chosen('load page fault, Store/AMO Page Fault'), [
      'load page fault',
      'store/AMO page fault',
    ]);
    assert.deepEqual(chosen('environment call from S-mode'), ['environment call from S-mode']);
    assert.deepEqual(chosen('supervisor timer interrupt', interrupts), ['supervisor timer interrupt']);
    assert.deepEqual(chosen('supervisor timer', interrupts), ['supervisor timer interrupt']);
  });

  it('takes every cause by its own name and by its number', () => {
    for (const among of [kernelExceptions, interrupts, stackChecks, calls]) {
      for (const { name, number } of among) {
        assert.deepEqual(chosen(name, among), [name]);
        if (number !== undefined) assert.deepEqual(chosen(String(number), among), [name]);
      }
    }
  });

  it('takes words for all causes that have them', () => {
    assert.deepEqual(chosen('instruction fault'), [
      'instruction access fault',
      'instruction page fault',
      'instruction guest-page fault',
    ]);
    assert.deepEqual(chosen('misaligned'), [
      'instruction address misaligned',
      'load address misaligned',
      'store/AMO address misaligned',
    ]);
    assert.deepEqual(chosen('ecall from S'), ['environment call from S-mode']);
    assert.deepEqual(chosen('timer', interrupts), [
      'supervisor timer interrupt',
      'virtual supervisor timer interrupt',
      'machine timer interrupt',
    ]);
  });

  it('joins names and an expression by if', () => {
    assert.deepEqual(chosen('13, 15 if $tval == 0'), ['load page fault', 'store/AMO page fault']);
    assert.equal(expression('13, 15 if $tval == 0'), '$tval == 0');
    assert.equal(expression('if a0 == 1'), 'a0 == 1');
    assert.equal(expression('a0'), 'a0');
  });

  it('says what can be written', () => {
    assert.match(
      refusal('load page falt'),
      /^'load page falt' is none of the names that this filter knows\. Did you mean 'load page fault'\? Names are: instruction address misaligned, .*store\/AMO guest-page fault\. Write names, /,
    );
    assert.match(refusal('timr', interrupts), /^'timr' is none of the names/);
    assert.match(refusal('page faults, nonsense'), /^'nonsense' is none/);
    assert.match(refusal('opena', calls), /Names are: openat, openat2\. /);
    assert.match(refusal('14'), /^'14' is none/);
    assert.match(refusal('13 if a0 =='), /^The condition 'a0 ==': Something is missing at the end\./);
    assert.match(refusal('$tval ='), /As an expression: Expressions do not assign/);
  });

  it('is understood or refused with a sentence, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const parsed = parseCatchCondition(text, kernelExceptions, isRegister);
        assert.ok(
          parsed.ok ? parsed.chosen.length > 0 : parsed.message.endsWith('.') || parsed.message !== '',
        );
      }),
    );
  });
});
