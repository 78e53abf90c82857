import { hostFacts } from './host';
import { isMet, limitOf, requirements, worst, type Finding } from './requirements';
import type { Section } from './section';
import { figure, table } from './table';

/** A section as text that is Markdown. */
export function sectionText({ title, blocks }: Section): string {
  return [`## ${title}`, ...blocks].join('\n\n');
}

/** docs/benchmarks.md: what a whole run has measured, and where. */
export function benchmarkDocument(sections: readonly Section[]): string {
  return `${[
    '# Benchmarks',
    'Written by `npm run bench -- --write`. What is compared was measured in turn within one run, so ratios mean more than times: those are of one ' +
      'machine on one day, and other work on it shows in the distance between best and median. To see whether a change has made something faster, run ' +
      '`npm run bench -- sieve` (or another part) before and after it on the same machine, and compare the ratios to QEMU.',
    table(['', 'of this run'], hostFacts()),
    requirementsText(sections.flatMap(({ findings }) => findings)),
    ...sections.map(sectionText),
  ].join('\n\n')}\n`;
}

/** Each requirement with the worst that was found. */
function requirementsText(findings: readonly Finding[]): string {
  const rows = Object.values(requirements).map((requirement) => {
    const finding = worst(findings.filter((found) => found.requirement === requirement));
    return finding === undefined
      ? [requirement.what, limitOf(requirement), '-', 'not measured']
      : [
          requirement.what,
          limitOf(requirement),
          `${figure(finding.value, 2)} (${finding.of})`,
          isMet(finding) ? 'yes' : 'no',
        ];
  });
  return `## Requirements\n\n${table(['required', 'limit', 'worst', 'met'], rows)}`;
}
