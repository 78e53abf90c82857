/** Commands of the debug console that show what the kernel holds besides stacks. */
import type { Debuggee } from '../../debugger/api';
import { interruptText } from '../../debugger/interrupt-text';
import { readNames } from '../../debugger/expression/prepare-names';
import { kernelLog, logText } from '../../debugger/kernel-log';
import { missingFiles, moduleTable } from '../../debugger/module-text';
import { loadedModules } from '../../debugger/modules';
import { areaText, perCpuNamed, perCpuText } from '../../debugger/per-cpu-values';
import { badExpression } from '../errors';
import type { SessionState } from '../state';
import type { Command, CommandFamily } from './command';

interface KernelCommand extends Command {
  /** @param args what is typed behind the name, without spaces around it */
  readonly run: (args: string, debuggee: Debuggee) => string | Promise<string>;
}

const kernelCommands: readonly KernelCommand[] = [
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
  {
    names: ['info interrupts', 'info irq'],
    usage: 'info interrupts',
    help: 'what is pending and enabled on each hart, at the interrupt controller and in the kernel',
    run: (_, debuggee) => interruptText(debuggee),
  },
  {
    names: ['info percpu'],
    usage: 'info percpu [NAME]',
    help: "a per-CPU variable's copies, or where each CPU has them",
    run: perCpu,
  },
];

export function kernelFamily(state: SessionState): CommandFamily {
  return {
    commands: kernelCommands,
    run(line) {
      for (const { names, run } of kernelCommands) {
        const name = names.find((spelling) => line === spelling || line.startsWith(`${spelling} `));
        if (name !== undefined)
          return run(line.slice(name.length).trim(), state.stoppedDebuggee('look at its kernel'));
      }
      return undefined;
    },
  };
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

/** Variables that are printed for a piece of a name. */
const mostVariables = 20;

async function perCpu(name: string, debuggee: Debuggee): Promise<string> {
  const { perCpuVariables } = debuggee.kernel.views;
  if (perCpuVariables.length === 0) return noPerCpu;
  if (name === '') return `${areaText(debuggee)}\n${perCpuVariables.length} variables`;
  const named = perCpuNamed(debuggee, name);
  if (named.length === 0) throw badExpression(`There is no per-CPU variable with '${name}' in its name.`);
  await readNames(debuggee);
  const rest = named.length > mostVariables ? [`and ${named.length - mostVariables} more`] : [];
  return [...named.slice(0, mostVariables).map((one) => perCpuText(debuggee, one)), ...rest].join('\n');
}

export const noPerCpu =
  'This program has no per-CPU variables: Linux has them between __per_cpu_start and __per_cpu_end.';

function modules(_: string, debuggee: Debuggee): string {
  if (!debuggee.kernel.views.hasModules) return noModules;
  const loaded = loadedModules(debuggee);
  if (loaded.length === 0) return 'No module is loaded.';
  return [moduleTable(loaded), ...missingFiles(loaded, debuggee)].join('\n');
}

export const noModules = 'This kernel is built without modules (CONFIG_MODULES).';

export const noLog =
  'The kernel has no log that is known: Linux has one with CONFIG_PRINTK, and its vmlinux describes it with CONFIG_DEBUG_INFO.';
