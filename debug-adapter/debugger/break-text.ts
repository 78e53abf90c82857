/** A breakpoint as it is typed: a SPEC, and which of its hits are meant. */
interface BreakText {
  readonly spec: string;
  /** An expression; `undefined` for all hits. */
  readonly condition: string | undefined;
}

/** `hart=1`, `task=init`, `pid=1`, as expressions. */
const limits: Readonly<Record<string, (value: string) => string>> = {
  hart: (value) => `$hart == ${value}`,
  task: (value) => `$task.comm == ${JSON.stringify(value)}`,
  pid: (value) => `$task.pid == ${value}`,
};

/**
 * `handle_exception`, `handle_exception if a0 == 2`, `do_page_fault task=init`, `schedule hart=1 if tp != &init_task`. What comes behind
 * `if` is an expression, up to the end.
 */
export function parseBreakText(text: string): BreakText {
  const [, before, expression] = /^(.*?)(?:\s+if(?=[\s(]|$)\s*(.*))?$/s.exec(text.trim())!;
  const conditions: string[] = [];
  let spec = before!.trim();
  for (;;) {
    const limit = /^(.*\S)\s+(?:(hart|pid)=(\d{1,9})|(task)=(\S{1,15}))$/s.exec(spec);
    if (!limit) break;
    spec = limit[1]!;
    conditions.unshift(limits[limit[2] ?? limit[4]!]!(limit[3] ?? limit[5]!));
  }
  if (expression !== undefined && expression.trim() !== '') conditions.push(expression.trim());
  return { spec, condition: allOf(conditions) };
}

/** True where all of them are; `undefined` for none. */
export function allOf(conditions: readonly (string | undefined)[]): string | undefined {
  const given = conditions.filter((condition) => condition !== undefined);
  return given.length <= 1 ? given[0] : given.map((condition) => `(${condition})`).join(' && ');
}
