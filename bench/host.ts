import { cpus, release, totalmem, type } from 'node:os';
import { noQemu, qemuVersion } from './qemu';

/** The machine that measures, and its versions. */
export function hostFacts(): readonly (readonly [string, string])[] {
  const processors = cpus();
  return [
    ['processor', `${processors[0]?.model.trim() ?? 'unknown'}, ${processors.length} cores`],
    ['memory', `${Math.round(totalmem() / 2 ** 30)} GiB`],
    ['system', `${type()} ${release()}`],
    ['Node', `${process.versions.node} (V8 ${process.versions.v8})`],
    ['QEMU', qemuVersion ?? noQemu],
    ['date', new Date().toISOString().slice(0, 10)],
  ];
}
