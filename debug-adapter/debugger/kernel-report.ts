/** Stops where the kernel panics or prints an oops, with what it is about to print. */
import { reportFunctions, reportText, type ReportKind } from '../kernel/reports';
import type { TargetHart } from '../target/target';
import type { Debuggee, Resolution } from './api';
import type { TrapExplanation } from './explain-trap';
import { memoryOf } from './harts';
import { formatLocation, locate } from './location';
import { resolveSpec } from './resolve';

/** Where the kernel comes by: in C behind the prologue, so that the stack shows who called. */
export async function resolveReport(debuggee: Debuggee, kind: ReportKind): Promise<Resolution> {
  const name = functionOf(debuggee, kind);
  if (name !== undefined) return resolveSpec(debuggee, name);
  return {
    kind: 'unresolved',
    reason: `'${kind}' cannot be seen: the program has no function ${reportFunctions[kind].join(' or ')}.`,
  };
}

/** Of a hart that stands there. */
export function explainReport(debuggee: Debuggee, hart: TargetHart, kind: ReportKind): TrapExplanation {
  const text = reportText({
    function: functionOf(debuggee, kind) ?? '',
    getX: (index) => hart.getX(index),
    memory: memoryOf(hart),
    layout: debuggee.kernel.layout,
    symbol: (address) => formatLocation(locate(debuggee, address, { bare: hart.bare })),
  });
  return kind === 'panic'
    ? { title: 'Kernel panic', text: `Kernel panic: ${text}` }
    : { title: 'Kernel oops', text: `Oops: ${text}` };
}

function functionOf({ program }: Debuggee, kind: ReportKind): string | undefined {
  return reportFunctions[kind].find((name) => program.symbols.named(name).length > 0);
}
