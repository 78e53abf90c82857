/** The tutorial shows what the program really does: it is followed to the end, and what it quotes is compared. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DapClient } from './dap-client.test-support';
import { sampleSources } from './fake-target.test-support';
import { TutorialPlayer } from './tutorial-player.test-support';

const path = join(import.meta.dirname, '../../docs/tutorial-page-fault.md');
const page = readFileSync(path, 'utf8').replaceAll('\r\n', '\n');

/** By heading, in order. */
function sections(text: string): Map<string, string> {
  return new Map(text.split(/^(?=## )/m).map((section) => [section.split('\n')[0]!, section]));
}

/** What F5 does in the folder that "Open Sample Kernel" makes. */
function firstConfiguration(): Record<string, unknown> {
  const text = readFileSync(join(sampleSources, '.vscode/launch.json'), 'utf8');
  const { configurations } = JSON.parse(text.replaceAll('${workspaceFolder}', sampleSources)) as {
    readonly configurations: readonly Record<string, unknown>[];
  };
  return { ...configurations[0], sourceFolders: [sampleSources] };
}

describe('the tutorial "Follow one page fault through entry.S"', function () {
  this.timeout(60_000);
  let played = new Map<string, string>();

  before(async () => {
    const client = DapClient.inProcess();
    try {
      const text = await new TutorialPlayer(client, firstConfiguration()).play(page);
      if ((process.env['UPDATE_GOLDEN'] ?? '') !== '') writeFileSync(path, text);
      played = sections(text);
    } finally {
      await client.send('disconnect');
      client.close();
    }
  });

  for (const [heading, section] of sections(page)) {
    if (!/^```(console|call-stack|variables|exception)$/m.test(section)) continue;
    it(`is what happens: ${heading.replace(/^#+ /, '')}`, () =>
      assert.equal(
        section,
        played.get(heading),
        'look at the difference, then run with UPDATE_GOLDEN=1 and read the page again',
      ));
  }

  it('quotes entry.S as it is', () => {
    const source = readFileSync(join(sampleSources, 'entry.S'), 'utf8').replaceAll('\r\n', '\n');
    const quotes = [...page.matchAll(/^```asm\n([^]*?)^```$/gm)].map(([, quote]) => quote!);
    assert.ok(quotes.length > 0);
    for (const quote of quotes) assert.ok(source.includes(quote), quote);
  });

  it('shows pictures that there are, and links to pages and headings that there are', () => {
    const folder = join(path, '..');
    for (const [, target] of page.matchAll(/\]\(([^):]+)\)/g)) {
      const [file, heading] = target!.split('#');
      const text = readFileSync(join(folder, file!), 'utf8');
      if (heading === undefined) continue;
      const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
        title!
          .toLowerCase()
          .replace(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      );
      assert.ok(anchors.includes(heading), `${file} has no heading #${heading}`);
    }
  });
});
