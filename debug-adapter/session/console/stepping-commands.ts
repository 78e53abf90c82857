/** What steps do besides stepping, in the debug console. */
import type { StepPolicy } from '../../debugger/api';
import { isFollows } from '../run/launch-arguments';
import type { SessionState } from '../state';
import type { Command, CommandFamily } from './command';

const steppingCommands: readonly Command[] = [
  {
    names: ['info stepping'],
    usage: 'info stepping',
    help: 'what steps do; set step-interrupts on|off, set step-follows task|hart',
  },
];

export function steppingFamily(state: SessionState): CommandFamily {
  return { commands: steppingCommands, run: (line) => runSteppingCommand(line, state) };
}

function runSteppingCommand(line: string, state: SessionState): string | undefined {
  const interrupts = /^set step-interrupts (on|off)$/.exec(line)?.[1];
  const follows = /^set step-follows (task|hart)$/.exec(line)?.[1];
  if (interrupts !== undefined)
    state.stepPolicy = { ...state.stepPolicy, holdInterrupts: interrupts === 'off' };
  else if (isFollows(follows)) state.stepPolicy = { ...state.stepPolicy, follows };
  else if (line !== 'info stepping') return undefined;
  return describePolicy(state.stepPolicy);
}

function describePolicy({ holdInterrupts, follows }: StepPolicy): string {
  return [
    holdInterrupts
      ? 'Interrupts are held while instructions are stepped (set step-interrupts on lets them come).'
      : 'Interrupts are taken while instructions are stepped (set step-interrupts off holds them).',
    follows === 'task'
      ? 'Steps follow their task (set step-follows hart changes that).'
      : 'Steps follow their hart into the task that runs next (set step-follows task changes that).',
  ].join('\n');
}
