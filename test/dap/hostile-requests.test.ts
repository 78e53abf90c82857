import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DapClient, RequestFailed } from './dap-client.test-support';
import { fakeLauncher, sampleKernel } from './fake-target.test-support';

const commands = [
  'setBreakpoints',
  'setFunctionBreakpoints',
  'setInstructionBreakpoints',
  'breakpointLocations',
  'setExceptionBreakpoints',
  'exceptionInfo',
  'stackTrace',
  'scopes',
  'variables',
  'setVariable',
  'evaluate',
  'completions',
  'disassemble',
  'readMemory',
  'writeMemory',
  'source',
  'threads',
  'configurationDone',
  'riscvUnwind/consoleInput',
  'toString',
] as const;

const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, -1, 1, 2, 1e15, -1e15));
const text = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.constantFrom('0x0', '0xffffffffffffffff', '0xffffffff80000000', 'pc', 'x/9999i pc', 'bt 1', '*('),
);
const place = fc.record({ line: number, name: text, instructionReference: text, hitCondition: text });

/** Arguments of the right kind with any value, some left out. */
const plausible = fc.record(
  {
    threadId: fc.constantFrom(1, 2, -1),
    frameId: number,
    variablesReference: number,
    startFrame: number,
    levels: number,
    start: number,
    count: number,
    line: number,
    column: number,
    offset: number,
    instructionOffset: number,
    instructionCount: number,
    memoryReference: text,
    data: text,
    expression: text,
    context: fc.constantFrom('repl', 'hover', 'watch'),
    text,
    name: text,
    value: text,
    source: fc.record({ path: text }),
    sourceReference: number,
    breakpoints: fc.array(place, { maxLength: 3 }),
    filters: fc.array(text, { maxLength: 2 }),
  },
  { requiredKeys: ['threadId'] },
);
const anything = fc.oneof(
  { weight: 4, arbitrary: plausible },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
);

describe('whatever a client asks', () => {
  it('is answered, and the session lives on', async function () {
    this.timeout(30_000);
    const launcher = fakeLauncher();
    const client = DapClient.inProcess({ launch: launcher.launch });
    await client.launch({ program: sampleKernel, stopOnEntry: true });
    await client.stopped();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...commands), anything, async (command, args) => {
        try {
          await client.sendRaw(command, args);
        } catch (error) {
          assert.ok(error instanceof RequestFailed);
          assert.doesNotMatch(error.message, /This is a defect of RISC-V Unwind/);
          assert.match(error.error.format, /^[^]+[.:!?)]\s*$/, 'a sentence');
        }
        // A client may set it running; everything else is asked of a machine that is stopped.
        assert.equal((await client.send('threads')).threads.length, 1);
        if (launcher.targets[0]!.running) await client.send('pause', { threadId: 1 });
      }),
      { numRuns: 400 },
    );
    const { stackFrames } = await client.send('stackTrace', { threadId: 1 });
    assert.ok(stackFrames.length > 0);
    client.close();
  });
});
