import assert from 'node:assert/strict';
import packageJson from '../package.json';
import { launchOptions, machineOptions } from '../debug-adapter/cli/options';
import { walkChoices } from '../debug-adapter/debugger/walks';
import { parseLaunchArguments } from '../debug-adapter/session/run/launch-arguments';

/** `--no-NAME` sets the attribute NAME to false. */
const attributeOf = (name: string): string =>
  name.replace(/^no-/, '').replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

describe("the launch configuration's walk", () => {
  it('offers the walks that there are, each with its meaning', () => {
    const { walk } = packageJson.contributes.debuggers[0]!.configurationAttributes.launch.properties;
    assert.deepEqual(walk.enum, walkChoices);
    assert.equal(walk.enumDescriptions.length, walkChoices.length);
  });
});

describe('an option of the machine', () => {
  const { properties } = packageJson.contributes.debuggers[0]!.configurationAttributes.launch;

  for (const { name } of machineOptions) {
    it(`--${name} is the launch configuration's ${attributeOf(name)}`, () => {
      const attribute = attributeOf(name);
      assert.ok(attribute in properties, 'package.json describes it to the editor');
      const reason = new RegExp(`"${attribute}"`);
      assert.throws(() => parseLaunchArguments({ program: 'vmlinux', [attribute]: {} }), reason);
      assert.ok(attribute in launchOptions('vmlinux', { [name]: '1' }), 'the command line passes it on');
    });
  }
});
