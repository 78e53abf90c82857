/** Names of debug information: all that gcc and clang write are found, whoever asks first, and nothing is found that is not there. */
import assert from 'node:assert/strict';
import { FIXTURE_NAMES, fixtureBytes } from '../../../test/symbols/fixtures.test-support';
import { loadProgram } from '../program';
import { finish } from '../steps';

const names = ['struct outer', 'counter_t', 'enum colour', 'struct no_such', 'no_such_t', 'outer'];

for (const fixture of FIXTURE_NAMES) {
  const debugOf = () => {
    const { debug } = loadProgram(fixtureBytes(fixture));
    assert.ok(debug);
    return debug;
  };

  describe(`names of ${fixture}`, () => {
    it('are the same before and after all units are read', () => {
      const [early, late] = [debugOf(), debugOf()];
      finish(late.readNames());
      assert.ok(late.knowsNames);
      for (const name of names) {
        assert.deepEqual(early.type(name)?.kind, late.type(name)?.kind, name);
        assert.equal(early.variables(name).length, late.variables(name).length, name);
      }
    });

    it('are all found again, each as what it is listed as', () => {
      const debug = debugOf();
      const listed = finish(debug.names('', 100_000));
      assert.ok(listed.length > 10, `${listed.length} names`);
      assert.deepEqual([...new Set(listed)].sort(), listed);
      for (const name of listed) {
        const isThere = debug.type(name) ?? debug.enumerator(name) ?? debug.variables(name)[0];
        // A variable that is only declared, and that no symbol defines, is nowhere.
        if (name.includes(' ')) assert.ok(isThere, name);
      }
      assert.ok(listed.some((name) => debug.enumerator(name) !== undefined));
      assert.ok(listed.some((name) => debug.variables(name).length > 0));
    });

    it('are listed by their beginning, structures behind their keyword', () => {
      const debug = debugOf();
      const listed = finish(debug.names('', 100_000));
      for (const prefix of ['struct ', 'struct o', 'str', 's', 'c', 'co', 'enum c', 'nothing_begins_so']) {
        const expected = listed.filter((name) => name.startsWith(prefix));
        assert.deepEqual(finish(debug.names(prefix, 100_000)), expected, prefix);
        assert.deepEqual(finish(debug.names(prefix, 2)), expected.slice(0, 2), prefix);
      }
    });

    it('may be asked for while others are being read', () => {
      const debug = debugOf();
      const steps = debug.readNames();
      steps.next();
      assert.equal(debug.type('no_such_t'), undefined);
      assert.equal(debug.type('outer'), undefined);
      assert.ok(debug.type('struct outer'));
      finish(steps);
      assert.equal(debug.knowsNames, true);
    });
  });
}
