import assert from 'node:assert/strict';
import { compile, type CompiledExpression } from './expressions';
import { sampleProgram } from './sample-program.test-support';

describe('a compiled expression', () => {
  const debuggee = sampleProgram();
  const hart = debuggee.target.harts[0]!;
  const compiled = (text: string): CompiledExpression => {
    const result = compile(text, debuggee);
    assert.ok(result.ok, result.ok ? '' : result.message);
    return result;
  };
  const evaluate = (text: string) => compiled(text).evaluate(hart);

  it('is evaluated on a hart as it is then', () => {
    const condition = compiled('a0 == 5 && a1 > 2');
    const holds = () => {
      const result = condition.evaluate(hart);
      assert.ok(result.ok);
      return result.isTrue;
    };
    hart.setX(10, 5n);
    hart.setX(11, 3n);
    assert.equal(holds(), true);
    hart.setX(11, 1n);
    assert.equal(holds(), false);
  });

  it('has a text', () => {
    const result = evaluate('handle_exception + 4');
    assert.ok(result.ok);
    assert.match(result.text(), /^0x[0-9a-f]+ <handle_exception\+0x4>$/);
  });

  it('says what is wrong: with the text at once, with a value when it is evaluated', () => {
    assert.deepEqual(compile('1 +', debuggee), {
      ok: false,
      message: 'Something is missing at the end.',
      position: 3,
    });
    const result = evaluate('nosuch + 1');
    assert.ok(!result.ok);
    assert.match(result.message, /"nosuch" is neither/);
  });
});
