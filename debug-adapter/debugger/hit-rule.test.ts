import assert from 'node:assert/strict';
import { HitRule, type HitOptions } from './hit-rule';
import { sampleProgram } from './sample-program.test-support';

describe('the rule of a breakpoint', () => {
  const debuggee = sampleProgram();
  const hart = debuggee.target.harts[0]!;

  /** Stops and messages while a0 takes these values, and what is complained of. */
  function play(options: HitOptions, values: readonly number[], ignored = 0) {
    const counts = { hits: 0, ignored };
    const read = HitRule.read(options, debuggee, counts);
    assert.ok(read.ok, read.ok ? '' : read.message);
    const complaints: string[] = [];
    const logged: string[] = [];
    const listener = {
      complain: (sentence: string) => complaints.push(sentence),
      log: (text: () => string) => logged.push(text()),
    };
    const stops = values.filter((value) => {
      hart.setX(10, BigInt(value));
      return read.rule.stops(hart, listener);
    });
    return { stops, logged, complaints, hits: counts.hits };
  }

  it('stops where the condition is true, and counts these hits only', () => {
    const { stops, hits } = play({ condition: 'a0 > 2', hitCondition: '% 2' }, [1, 2, 3, 4, 5, 6]);
    assert.deepEqual([stops, hits], [[4, 6], 4]);
  });

  it('writes a message instead of stopping, at the hits that are counted', () => {
    const { stops, logged } = play({ hitCondition: '>= 2', logMessage: 'a0={a0,d}' }, [7, 8, 9]);
    assert.deepEqual([stops, logged], [[], ['a0=8', 'a0=9']]);
  });

  it('passes the hits that are ignored, and writes nothing at them, but counts them', () => {
    const { stops, hits } = play({ condition: 'a0 > 2' }, [1, 3, 4, 5, 6], 2);
    assert.deepEqual([stops, hits], [[5, 6], 4]);
    assert.deepEqual(play({ hitCondition: '% 2' }, [1, 2, 3, 4], 3).stops, [4]);
    assert.deepEqual(play({ logMessage: 'a0={a0,d}' }, [7, 8], 1).logged, ['a0=8']);
  });

  it('stops where a condition has no value, and says why', () => {
    const { stops, complaints } = play({ condition: 'nosuch == 1' }, [5]);
    assert.deepEqual(stops, [5]);
    assert.match(
      complaints[0]!,
      /^The condition 'nosuch == 1' could not be evaluated, so the machine stopped: /,
    );
  });

  it('is refused with a condition, a count or a message that makes no sense', () => {
    const refused = (options: HitOptions): string => {
      const read = HitRule.read(options, debuggee);
      assert.ok(!read.ok);
      return read.message;
    };
    assert.match(refused({ condition: 'a0 ==' }), /^The condition 'a0 ==': /);
    assert.match(refused({ hitCondition: 'often' }), /^'often' is no hit count/);
    assert.match(refused({ logMessage: '{a0 ==}' }), /^The log message has '\{a0 ==\}' in it: /);
  });
});
