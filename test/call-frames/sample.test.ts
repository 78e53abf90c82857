/** The walk by call frame information on the sample kernels, at every stop of whole runs. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { walkMetadata } from '../../debug-adapter/unwind/metadata-walk';
import { describeWalk, rowsOf, visitStops } from './stops.test-support';

const folder = join(import.meta.dirname, '../../sample-kernel/prebuilt');
const specs = ['do_irq', 'do_page_fault', 'schedule', 'kernel_init', 'handle_bad_stack', 'panic'];
const machine = { memory: '128M', maxInstructions: 100_000_000 };

/** A call stack with a recursion as one line. */
const folded = (text: string) => text.replace(/(tour_overflow\S+ \(C\) task\n)+/g, '');

describe('the walk by call frame information of the sample kernels', function () {
  this.timeout(120_000);

  for (const [name, append] of [
    ['metadata', undefined],
    ['metadata', 'overflow'],
    ['m-mode', undefined],
  ] as const) {
    it(`has the rows of the metadata walk with R11 (${name}${append ? `, ${append}` : ''})`, async () => {
      const options = { ...machine, program: join(folder, `sample-${name}.elf`), smp: 2 };
      let liveRa = 0;
      const stops = await visitStops(
        { ...options, ...(append && { append }) },
        specs,
        ({ debuggee, hart, input, walk }) => {
          if (input.start.kind === 'user') return;
          const metadata = walkMetadata(input);
          const say = `${describeWalk(debuggee, hart, walk)}\n\n${describeWalk(debuggee, hart, metadata)}`;
          assert.deepEqual(rowsOf(walk), rowsOf(metadata), say);
          assert.equal(walk.end.kind, 'final', say);
          if (walk.frames.some(({ mark }) => mark === 'L')) liveRa++;
        },
      );
      assert.ok(stops > 10 && liveRa > 0, `${stops} stops, ${liveRa} with a live ra`);
    });
  }

  it('goes from the overflow stack to what has overflowed without metadata, where the legacy walk cannot', async () => {
    const options = { ...machine, program: join(folder, 'sample-legacy.elf'), append: 'overflow' };
    const texts: string[] = [];
    await visitStops(options, ['handle_bad_stack'], ({ debuggee, hart, walk }) => {
      texts.push(folded(describeWalk(debuggee, hart, walk)).replace(/\+0x\w+/g, ''));
    });
    assert.deepEqual(texts, [
      [
        'handle_bad_stack (C) overflow',
        'tour_overflow (P) task',
        'tour_kernel (C) task',
        'kernel_init (C) task',
        'ret_from_fork_kernel (C) task',
        'ret_from_fork_kernel_asm (C) task',
        'final R7: kernel thread, never entered from user mode',
      ].join('\n'),
    ]);
  });
});
