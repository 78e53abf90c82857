/** The kernel's log, the newest message first: that is what somebody looks for who has just stopped. */
import { kernelLog, levelName, logTime } from '../../debugger/kernel-log';
import { noLog } from '../console/kernel-commands';
import type { KernelNode } from '../protocol/custom';
import { note, type Branch } from './branch';

/** From KERN_WARNING on, a lower number is worse (`syslog(3)`). */
const warning = 4;

export const logNodes: Branch = (rest, { debuggee }) => {
  if (rest !== '') return [];
  const records = kernelLog(debuggee);
  if (!records) return note('log/none', noLog);
  return records.toReversed().map(({ sequence, text, level, caller, nanoseconds }): KernelNode => ({
    id: `log/${sequence}`,
    label: text.replaceAll('\n', ' ⏎ '),
    description: `${logTime(nanoseconds).trim()} ${levelName(level)}`,
    tooltip: caller === undefined ? text : `${text}\n\nwritten by ${caller}`,
    kind: level <= warning ? 'problem message' : 'message',
    hasChildren: false,
  }));
};
