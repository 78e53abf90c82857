/** Requests as a client could send them at any time: legal in form, and about what it has seen, or has seen too long ago. */
import { exceptionFilters } from '../../debug-adapter/session/breakpoints/exception-filters';
import type { Seen } from './seen.test-support';

/** What a request is made from, by fast-check. */
export interface Dice {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

export interface Request {
  readonly command: string;
  readonly args: unknown;
}

type Make = (dice: Dice, seen: Seen) => unknown;

const functions = [
  'handle_exception',
  'schedule',
  'do_page_fault',
  'vfs_read',
  'do_*_fault',
  'no_such_function',
  '.Lmmu_on',
];
const conditions = [
  undefined,
  '$hart == 0',
  'a0 > 1 && sp != 0',
  '$task.comm == "init"',
  '1 +',
  'nothing->here',
];
const hits = [undefined, '>= 3', '% 7', 'often'];
const logs = [undefined, undefined, 'a0 = {a0}', '{$bt 3} of {$task}', '{'];
const expressions = [
  'sp',
  '$pc',
  'init_task.comm',
  '$task->pid',
  '*(u64 *)$sp',
  'sizeof(struct task_struct)',
  '$list(&init_task.tasks, struct task_struct, tasks)',
  '1 / 0',
  'jiffies_64 + (',
  'x/4gx $sp',
  'bt',
  'help',
  'info tasks',
  'info breakpoints',
  'watch *(u64 *)$sp',
  'disable',
  'disable 1-9',
  'enable',
  'condition 2 $hart == 1',
  'condition 1',
  'ignore 1 3',
  'delete',
  'info registers',
  'walks',
];
const steps = ['next', 'stepIn', 'stepOut'];
const contexts = ['watch', 'hover', 'repl', 'clipboard', 'variables'];
const granularities = ['statement', 'line', 'instruction'];

const at = <T>(list: readonly T[], number: number): T => list[number % list.length]!;
/** Mostly a hart: those of tasks that wait are refused by much. */
const thread = (n: number, seen: Seen) => (n % 4 === 0 ? seen.pick('thread', n, 1) : 1 + (n % 2));
const frame = (n: number, seen: Seen) => seen.pick('frame', n, 1000);
const memory = (n: number, seen: Seen) => seen.pick('memory', n, '0xffffffff80000000');
const place = (n: number, seen: Seen) =>
  seen.pick('line', n, { source: { path: '/nowhere/entry.S' }, line: 1 });

const run = (command: string): readonly [string, Make] => [
  command,
  ({ a }, seen) => ({ threadId: thread(a, seen) }),
];

/** Each as often as it stands here: what looks at a stop is asked most, as editors do. */
const makers: readonly (readonly [string, Make])[] = [
  ['threads', () => ({})],
  ...Array.from({ length: 8 }, (): readonly [string, Make] => [
    'stackTrace',
    ({ a, b, c }, seen) => ({ threadId: thread(a, seen), startFrame: b % 5, levels: c % 25 }),
  ]),
  ...Array.from({ length: 8 }, (): readonly [string, Make] => [
    'scopes',
    ({ a }, seen) => ({ frameId: frame(a, seen) }),
  ]),
  ...Array.from({ length: 14 }, (): readonly [string, Make] => [
    'variables',
    ({ a, b, c }, seen) => ({
      variablesReference: seen.pick('variables', a, 1),
      ...(c % 3 === 0 && { start: b % 10, count: c % 50 }),
    }),
  ]),
  ...Array.from({ length: 8 }, (): readonly [string, Make] => [
    'evaluate',
    ({ a, b, c }, seen) => ({
      expression: at(expressions, a),
      context: at(contexts, b),
      ...(c % 2 === 0 && { frameId: frame(c, seen) }),
    }),
  ]),
  run('continue'),
  run('pause'),
  ...steps.map((command): readonly [string, Make] => [
    command,
    ({ a, b }, seen) => ({ threadId: thread(a, seen), granularity: at(granularities, b) }),
  ]),
  ['stepInTargets', ({ a }, seen) => ({ frameId: frame(a, seen) })],
  ['gotoTargets', ({ a }, seen) => place(a, seen)],
  ['exceptionInfo', ({ a }, seen) => ({ threadId: thread(a, seen) })],
  [
    'setFunctionBreakpoints',
    ({ a, b, c }) => ({
      breakpoints: Array.from({ length: a % 3 }, (_, n) => ({
        name: at(functions, a + n),
        condition: at(conditions, b + n),
        hitCondition: at(hits, c + n),
      })),
    }),
  ],
  [
    'setBreakpoints',
    ({ a, b, c }, seen) => {
      const { source, line } = place(a, seen);
      return {
        source,
        breakpoints: [{ line: line + (b % 3), condition: at(conditions, c), logMessage: at(logs, b) }],
      };
    },
  ],
  [
    'setInstructionBreakpoints',
    ({ a, b }, seen) => ({
      breakpoints: Array.from({ length: a % 2 }, () => ({ instructionReference: memory(b, seen) })),
    }),
  ],
  [
    'setExceptionBreakpoints',
    ({ a, b }) => ({ filters: a % 4 === 0 ? [at(exceptionFilters, b).filter] : [] }),
  ],
  ['breakpointLocations', ({ a }, seen) => place(a, seen)],
  [
    'dataBreakpointInfo',
    ({ a, b }, seen) => ({
      variablesReference: seen.pick('variables', a, 1),
      name: seen.pick('name', b, 'sp'),
    }),
  ],
  [
    'setDataBreakpoints',
    ({ a, b }, seen) => ({ breakpoints: b % 3 === 0 ? [{ dataId: seen.pick('data', a, 'none') }] : [] }),
  ],
  [
    'disassemble',
    ({ a, b, c }, seen) => ({
      memoryReference: memory(a, seen),
      instructionOffset: (b % 400) - 200,
      instructionCount: c % 200,
      resolveSymbols: true,
    }),
  ],
  [
    'readMemory',
    ({ a, b, c }, seen) => ({ memoryReference: memory(a, seen), offset: (b % 5000) - 2500, count: c % 5000 }),
  ],
  ['source', ({ a }, seen) => ({ sourceReference: seen.pick('source', a, 1) })],
  ['completions', ({ a, b }) => ({ text: at(expressions, a), column: 1 + (b % 20) })],
  ['modules', () => ({})],
  ['setExpression', ({ a, b }, seen) => ({ expression: '$t6', value: `${b}`, frameId: frame(a, seen) })],
  ['goto', ({ a, b }, seen) => ({ threadId: thread(a, seen), targetId: seen.pick('target', b, 1) })],
  ['riscvUnwind/stepping', ({ a }) => ({ holdInterrupts: a % 2 === 0 })],
  ['riscvUnwind/walkAddress', ({ a }) => ({ address: at(expressions, a) })],
  ['riscvUnwind/kernelTree', () => ({})],
  ['cancel', ({ a }) => ({ requestId: a % 20_000 })],
  ['riscvUnwind/walk', ({ a }) => ({ walk: at(['default', 'legacy', 'cfi', 'metadata', 'true'], a) })],
  ['riscvUnwind/compareWalks', ({ a }, seen) => ({ threadId: thread(a, seen) })],
  ['riscvUnwind/labels', () => undefined],
  ['riscvUnwind/consoleInput', () => ({ data: '\n' })],
];

export function requestOf(dice: Dice, seen: Seen): Request {
  const [command, make] = at(makers, dice.kind);
  return { command, args: make(dice, seen) };
}
