/**
 * Attributes of a launch that there are not, where it can be told what was meant. Clients add attributes of their own, so one that is like
 * none of ours is nobody's mistake.
 */
import { didYouMean } from '../../debugger/nearest';

/** Of the editors (VS Code, nvim-dap): not to be taken for mistyped ones of ours. */
const ofClients: ReadonlySet<string> = new Set([
  'type',
  'request',
  'name',
  'args',
  'cwd',
  'env',
  'preLaunchTask',
  'postDebugTask',
  'presentation',
  'internalConsoleOptions',
  'debugServer',
  'serverReadyAction',
  'suppressMultipleSessionWarning',
  'windows',
  'linux',
  'osx',
]);

/** What QEMU and other debuggers call it. */
const otherNames: Readonly<Record<string, string>> = {
  kernel: 'program',
  executable: 'program',
  cmdline: 'append',
  bootargs: 'append',
  commandLine: 'append',
  cpus: 'smp',
  harts: 'smp',
  cores: 'smp',
  ram: 'memory',
  bios: 'firmware',
  drive: 'disk',
  ramdisk: 'initrd',
  initramfs: 'initrd',
  stopAtEntry: 'stopOnEntry',
  stopAtConnect: 'stopOnEntry',
  symbolFile: 'symbols',
};

/** A sentence for each. */
export function unknownAttributes(given: object, known: readonly string[]): readonly string[] {
  return Object.keys(given).flatMap((name) => {
    if (known.includes(name) || ofClients.has(name)) return [];
    const other = Object.hasOwn(otherNames, name) ? otherNames[name] : undefined;
    const hint = other === undefined ? didYouMean(name, known) : ` Did you mean '${other}'?`;
    return hint === '' ? [] : [`The launch configuration has "${name}", which means nothing here.${hint}`];
  });
}
