/**
 * `npm run bench -- [PART…] [--rounds N] [--check] [--write]`: the speed of the emulator beside QEMU's, and what debugging costs. With `--check` the
 * exit status is 1 if a requirement is missed. `--write` keeps the results in docs/benchmarks.md.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchmarkDocument, sectionText } from './document';
import { chooseParts, partNames } from './parts';
import { complaint, isMet } from './requirements';
import type { Section } from './section';

const document = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { check: { type: 'boolean' }, write: { type: 'boolean' }, rounds: { type: 'string' } },
    allowPositionals: true,
  });
  const parts = chooseParts(positionals);
  if (parts === undefined) {
    console.error(`The parts of the benchmark are: ${partNames.join(', ')}.`);
    return 2;
  }
  if (values.write && positionals.length > 0) {
    console.error('--write keeps the results of all parts: name none.');
    return 2;
  }

  const given = values.rounds === undefined ? undefined : Number(values.rounds);
  if (given !== undefined && !(Number.isInteger(given) && given > 0)) {
    console.error(`--rounds needs a whole number from 1 on, not '${values.rounds}'.`);
    return 2;
  }

  const sections: Section[] = [];
  for (const { measure, rounds } of parts) {
    const section = await measure(given ?? rounds);
    console.log(`${sectionText(section)}\n`);
    sections.push(section);
  }
  if (values.write) writeFileSync(document, benchmarkDocument(sections));
  if (!values.check) return 0;
  const missed = sections.flatMap(({ findings }) => findings).filter((finding) => !isMet(finding));
  for (const finding of missed) console.error(complaint(finding));
  return missed.length > 0 ? 1 : 0;
}

void main().then((status) => (process.exitCode = status));
