import assert from 'node:assert/strict';
import { otherAssemblyLanguage } from './language-claims';

const extension = (id: string, languages: unknown) => ({ id, packageJSON: { contributes: { languages } } });
const self = extension('riscv-unwind.riscv-unwind', [{ id: 'riscv-unwind-asm', extensions: ['.S', '.s'] }]);

describe('the owner of an assembly file', () => {
  const owner = (...others: { id: string; packageJSON: unknown }[]) =>
    otherAssemblyLanguage([...others, self], self.id);

  it('is nobody else when no other extension claims it', () => {
    assert.equal(owner(extension('a.c', [{ id: 'c', extensions: ['.c', '.h'] }])), undefined);
  });

  it('is the other extension that claims it, whatever the case of the file extension', () => {
    assert.equal(owner(extension('dan.arm', [{ id: 'arm', extensions: ['.S'] }])), 'arm');
    assert.equal(owner(extension('x.gas', [{ id: 'gas', extensions: ['.asm', '.s'] }])), 'gas');
  });

  it('is the last of several, as VS Code has it', () => {
    const [arm, gas] = [
      extension('dan.arm', [{ id: 'arm', extensions: ['.s'] }]),
      extension('x.gas', [{ id: 'gas', extensions: ['.s'] }]),
    ];
    assert.equal(owner(arm, gas), 'gas');
  });

  it('is found among manifests of any shape', () => {
    const odd = [null, {}, { contributes: null }, { contributes: { languages: 'x' } }].map(
      (packageJSON, i) => ({
        ...{ id: `odd.${i}`, packageJSON },
      }),
    );
    const more = extension('odd.more', [
      null,
      3,
      { id: 4, extensions: ['.s'] },
      { id: 'x', extensions: [5] },
      { id: 'y' },
    ]);
    assert.equal(owner(...odd, more), undefined);
  });
});
