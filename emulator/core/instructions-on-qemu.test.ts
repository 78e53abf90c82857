import assert from 'node:assert/strict';
import type { Extension } from '../isa/extensions';
import { extensionNames, implementedExtensions } from '../isa/extensions';
import { instructions } from '../isa/table';
import { compareWithQemu } from './experiment.test-support';
import { experimentsOf } from './instruction-experiments.test-support';
import { hasQemu } from './qemu.test-support';

/** Extensions whose instructions are compared in files of their own. */
const elsewhere: readonly Extension[] = ['f', 'd'];

const ILLEGAL = 2n;
const extensions = extensionNames(implementedExtensions).filter((name) => !elsewhere.includes(name));
const ofExtension = (name: Extension) => instructions.filter(({ extension }) => extension === name);

describe('instructions', function () {
  this.timeout(120_000);

  for (const extension of extensions.filter((name) => ofExtension(name).length > 0)) {
    it(`of ${extension} do what they do on QEMU`, function () {
      if (!hasQemu) this.skip(); // Needs qemu-system-riscv64.
      const all = ofExtension(extension).map((instruction) => ({
        instruction,
        experiments: experimentsOf(instruction),
      }));
      const outcomes = compareWithQemu(all.flatMap(({ experiments }) => experiments));
      let from = 0;
      for (const { instruction, experiments } of all) {
        const own = outcomes.slice(from, (from += experiments.length));
        const executed = own.some(({ cause }) => cause !== ILLEGAL);
        assert.ok(executed, `${instruction.mnemonic} was an illegal instruction on both`);
      }
    });
  }

  it('are all compared with QEMU', () => {
    const compared = instructions.filter((instruction) => experimentsOf(instruction).length > 0);
    const rest = instructions.filter(
      (instruction) => !compared.includes(instruction) && !elsewhere.includes(instruction.extension),
    );
    assert.deepEqual(
      rest.map(({ mnemonic }) => mnemonic),
      [],
    );
    assert.ok(compared.every(({ extension }) => implementedExtensions.has(extension)));
  });
});
