/** Commands of the debug console that show what the kernel holds besides stacks. */
import type { Debuggee } from '../../debugger/api';
import { kernelLog, logText } from '../../debugger/kernel-log';
import { moduleTable } from '../../debugger/module-text';
import { loadedModules } from '../../debugger/modules';
import { badExpression } from '../errors';
import type { Command } from './command';

interface KernelCommand extends Command {
  /** @param args what is typed behind the name, without spaces around it */
  readonly run: (args: string, debuggee: Debuggee) => string;
}

export const kernelCommands: readonly KernelCommand[] = [
  {
    names: ['dmesg', 'info dmesg'],
    usage: 'dmesg [-x] [-n COUNT]',
    help: "the kernel's log from its memory; -x with level and caller, -n the newest ones only",
    run: dmesg,
  },
  {
    names: ['info modules', 'lsmod'],
    usage: 'info modules',
    help: "the kernel's modules as lsmod lists them, with their addresses",
    run: modules,
  },
];

/** What a command prints; `undefined` if the line is none of them. `debuggee` throws while the machine runs. */
export function runKernelCommand(line: string, debuggee: () => Debuggee): string | undefined {
  for (const { names, run } of kernelCommands) {
    const name = names.find((spelling) => line === spelling || line.startsWith(`${spelling} `));
    if (name !== undefined) return run(line.slice(name.length).trim(), debuggee());
  }
  return undefined;
}

/** A console keeps all that was printed in it; `-n` has more. */
const defaultMessages = 1000;

function dmesg(args: string, debuggee: Debuggee): string {
  const words = args === '' ? [] : args.split(' ');
  const details = words.includes('-x');
  const rest = words.filter((word) => word !== '-x').join(' ');
  const count = /^(?:-n ?(\d{1,9}))?$/.exec(rest);
  if (!count) throw badExpression(`'${rest}' is no option of dmesg: write dmesg [-x] [-n COUNT].`);
  const most = count[1] === undefined ? defaultMessages : Number(count[1]);
  const records = kernelLog(debuggee, most);
  if (!records) return noLog;
  return records.length === 0 ? 'The log is empty.' : logText(records, details);
}

function modules(_: string, debuggee: Debuggee): string {
  if (!debuggee.kernel.views.hasModules) return noModules;
  const loaded = loadedModules(debuggee);
  return loaded.length === 0 ? 'No module is loaded.' : moduleTable(loaded);
}

export const noModules = 'This kernel is built without modules (CONFIG_MODULES).';

export const noLog =
  'The kernel has no log that is known: Linux has one with CONFIG_PRINTK, and its vmlinux describes it with CONFIG_DEBUG_INFO.';
