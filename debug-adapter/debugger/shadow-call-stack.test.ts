import assert from 'node:assert/strict';
import type { Frame, FrameOrigin } from '../unwind/types';
import type { CallStack } from './api';
import { sampleProgram } from './sample-program.test-support';
import { shadowVerdict } from './shadow-call-stack';

const debuggee = sampleProgram();
const hart = debuggee.target.harts[0]!;
const schedule = debuggee.program.symbols.named('schedule')[0]!.address;

function frame(pc: bigint, origin: FrameOrigin): Frame {
  const isReturnAddress = origin.kind === 'record';
  const where = { pc, origin, isReturnAddress, stack: undefined, fp: 0n, registers: new Map() };
  return { ...where, mark: 'C', rule: 'R6', reason: '' };
}

const record = (ra: bigint) => frame(ra, { kind: 'record', address: 0n, fp: 0n, ra });
const live = frame(0n, { kind: 'live' });

function verdict(shadow: readonly bigint[] | undefined, frames: readonly Frame[]): string | undefined {
  const end = { kind: 'final', rule: 'R7', reason: '', address: undefined } as const;
  const walk = { kind: 'metadata', frames, end, reliable: true, verdict: '' } as const;
  const stack: CallStack = { task: undefined, walk, rows: [] };
  Object.assign(debuggee.kernel, { shadowCallStack: () => shadow });
  return shadowVerdict(debuggee, stack, hart);
}

describe('what the shadow call stack says of a walk', () => {
  it('is that it agrees, with how many addresses', () => {
    assert.equal(verdict([8n, 16n], [live, record(8n), record(16n)]), 'agrees (2 of 2)');
  });

  it('is which return address the walk lacks first', () => {
    assert.match(
      verdict([8n, schedule + 8n, 16n], [live, record(8n), record(16n)])!,
      /^disagrees: the walk has 1 of 3, then lacks schedule\+0x8\//,
    );
  });

  it('is nothing where there is none', () => {
    assert.equal(verdict(undefined, [live]), undefined);
    assert.equal(verdict([8n], [frame(0n, { kind: 'thread' })]), undefined, 'a task that is not known');
  });
});
