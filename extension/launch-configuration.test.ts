import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { completeConfiguration, configurationFor, debugType } from './launch-configuration';

const manifest = JSON.parse(readFileSync(resolve('package.json'), 'utf8')) as {
  contributes: {
    debuggers: {
      type: string;
      configurationAttributes: {
        launch: { properties: Record<string, { description?: string; markdownDescription?: string }> };
      };
      initialConfigurations: Record<string, unknown>[];
      configurationSnippets: { label: string; description: string; body: Record<string, unknown> }[];
    }[];
  };
};
const [contributed] = manifest.contributes.debuggers;
const { properties } = contributed!.configurationAttributes.launch;

describe('a launch configuration', () => {
  const user = { type: debugType, request: 'launch', name: 'mine' };

  it('for a kernel names it, and asks for no firmware when the kernel lies where the firmware would', () => {
    assert.deepEqual(configurationFor({ path: '/k/vmlinux', loadAddress: 0x8020_0000n }), {
      ...{ type: 'riscv-unwind', request: 'launch', name: 'Boot vmlinux', program: '/k/vmlinux' },
    });
    const bare = configurationFor({ path: '/k/kernel', loadAddress: 0x8000_0000n });
    assert.equal(bare['firmware'], 'none');
  });

  it('gets absolute paths from the folder that it belongs to', () => {
    const completed = completeConfiguration(
      { ...user, program: 'out/vmlinux', initrd: '/abs/initrd', dtb: 'board.dtb', firmware: 'fw.bin' },
      '/w/a',
      ['/w/a', '/w/b'],
    );
    assert.equal(completed.program, resolve('/w/a/out/vmlinux'));
    assert.equal(completed['initrd'], '/abs/initrd');
    assert.equal(completed['dtb'], resolve('/w/a/board.dtb'));
    assert.equal(completed['firmware'], resolve('/w/a/fw.bin'));
  });

  it('gets absolute paths for its disks, however they are given', () => {
    const disk = ['a.img', { file: 'b.img', write: true }, '/abs/c.img', 7];
    assert.deepEqual(completeConfiguration({ ...user, disk }, '/w', [])['disk'], [
      resolve('/w/a.img'),
      { file: resolve('/w/b.img'), write: true },
      '/abs/c.img',
      7,
    ]);
    assert.equal(completeConfiguration({ ...user, disk: 'a.img' }, '/w', [])['disk'], resolve('/w/a.img'));
  });

  it("keeps firmware's names, which are no files", () => {
    for (const firmware of ['builtin', 'none']) {
      assert.equal(completeConfiguration({ ...user, firmware }, '/w', ['/w'])['firmware'], firmware);
    }
  });

  it('says where sources are, unless the user has', () => {
    assert.deepEqual(completeConfiguration(user, '/w', ['/w'])['sourceFolders'], ['/w']);
    const own = completeConfiguration({ ...user, sourceFolders: ['/src'] }, '/w', ['/w']);
    assert.deepEqual(own['sourceFolders'], ['/src']);
  });

  it('shows the console in a terminal, unless the user wants it elsewhere', () => {
    assert.equal(completeConfiguration(user, '/w', [])['console'], 'integratedTerminal');
    const own = completeConfiguration({ ...user, console: 'debugConsole' }, '/w', []);
    assert.equal(own['console'], 'debugConsole');
  });
});

describe("package.json's debugger", () => {
  it('is of the type that the extension registers for', () => assert.equal(contributed!.type, debugType));

  it('describes every attribute', () => {
    for (const [name, { description, markdownDescription }] of Object.entries(properties)) {
      assert.ok(description ?? markdownDescription, name);
    }
  });

  it('uses only described attributes in its initial configurations and snippets', () => {
    const general = ['type', 'request', 'name'];
    const bodies = contributed!.configurationSnippets.map((snippet) => snippet.body);
    for (const body of [...bodies, ...contributed!.initialConfigurations]) {
      for (const attribute of Object.keys(body)) {
        assert.ok(general.includes(attribute) || attribute in properties, attribute);
      }
    }
  });
});
