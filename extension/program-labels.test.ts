import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { placeOf } from './labels';
import { labelsOfProgram } from './program-labels';

const sample = resolve('sample-kernel');
const kernel = resolve(sample, 'prebuilt/sample-metadata.elf');

describe("a kernel's labels, read from its file", () => {
  it('have their places, and include those that the assembler dropped when the sources are there', async () => {
    const labels = await labelsOfProgram(kernel, [sample]);
    const places = new Map(labels.map((label) => [label.name, placeOf(label).replace(/:\d+$/, '')]));
    assert.equal(places.get('handle_exception'), 'entry.S');
    assert.equal(places.get('.Lmmu_on'), 'head.S');
    assert.equal(places.get('schedule'), 'sched.c');
  });

  it('are those of the symbol table without the sources', async () => {
    const names = (await labelsOfProgram(kernel, [])).map(({ name }) => name);
    assert.ok(names.includes('handle_exception'));
    assert.ok(!names.includes('.Lmmu_on'));
  });

  it('are names that a breakpoint can have', async () => {
    for (const { name } of await labelsOfProgram(kernel, [sample]))
      assert.match(name, /^[A-Za-z_.$][\w.$]*$/);
  });

  it('of a file that is no kernel are an error that says so', async () => {
    await assert.rejects(labelsOfProgram(resolve('package.json'), []), { name: 'ProgramError' });
  });
});
