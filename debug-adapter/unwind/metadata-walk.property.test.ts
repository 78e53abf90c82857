import assert from 'node:assert/strict';
import fc from 'fast-check';
import { StackImage, layout, stackframe, textStart } from './stack-image.test-support';
import { walkMetadata } from './metadata-walk';
import type { ReadMemory, StackBounds, WalkInput } from './types';

const kinds = ['task', 'irq', 'overflow'] as const;
const textAddress = fc.integer({ min: 0, max: 0xfffff }).map((offset) => textStart + BigInt(offset));

describe('walkMetadata on hostile stacks', () => {
  const base = 0xffff_8f80_0000_0000n;
  /** All stacks lie in these 16-byte cells, so that they overlap, touch and repeat. */
  const cells = 192;
  const cellAddress = (cell: number) => base + BigInt(16 * cell);

  /** Mostly an s0 that leads to some cell, else what breaks a rule. */
  const anyFp = fc.oneof(
    { weight: 12, arbitrary: fc.nat(cells).map(cellAddress) },
    { weight: 1, arbitrary: fc.integer({ min: -64, max: 16 * cells + 64 }).map((n) => base + BigInt(n)) },
    { weight: 1, arbitrary: fc.constantFrom(0n, 8n, 16n, (1n << 64n) - 8n, (1n << 64n) - 16n, 1n << 63n) },
  );
  /** An s0 in a cell: mostly a little upwards, as in a stack, else anything. */
  const nextFp = fc.oneof(
    {
      weight: 12,
      arbitrary: fc.integer({ min: 2, max: 9 }).map((up) => (cell: number) => cellAddress(cell + up)),
    },
    { weight: 1, arbitrary: anyFp.map((fp) => () => fp) },
  );
  const type = fc.constantFrom(0n, 1n, 1n, 2n, 2n, 2n, 2n, 3n, 1n << 63n, (1n << 64n) - 1n);
  /** What begins in a cell, by the cell's number. */
  const content = fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({ fp: nextFp, ra: textAddress }).map(
        ({ fp, ra }) =>
          (image: StackImage, cell: number) =>
            image.write(cellAddress(cell), fp(cell), ra),
      ),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), { maxLength: 3 })
        .map((words) => (image: StackImage, cell: number) => image.write(cellAddress(cell), ...words)),
    },
  );
  /** A metadata record and what its pt_regs leads on to; written over the contents. */
  const trap = fc.record({ cell: fc.nat(cells), fp: nextFp, epc: textAddress, type });
  const stack = fc
    .record({
      kind: fc.constantFrom(...kinds),
      first: fc.nat(cells - 1),
      size: fc.integer({ min: 1, max: cells }).map((n) => 16 * n),
      ragged: fc.constantFrom(0, 0, 0, 1, 8, 15),
    })
    .map(({ kind, first, size, ragged }): StackBounds => {
      const low = cellAddress(first) + BigInt(ragged);
      return { kind, name: `${kind} stack`, low, high: low + BigInt(size) };
    });
  const whole: StackBounds = { kind: 'task', name: 'whole stack', low: base, high: cellAddress(cells) };
  /** The cells cut into stacks that overlap nowhere: there a byte's stack is known by its address. */
  const sideBySide = fc
    .uniqueArray(fc.integer({ min: 1, max: cells - 1 }), { minLength: 1, maxLength: 4 })
    .map((cuts) => [0, ...cuts.sort((a, b) => a - b)])
    .map((starts) =>
      starts.map((start, n): StackBounds => {
        const kind = kinds[n % kinds.length]!;
        const high = cellAddress(starts[n + 1] ?? cells);
        return { kind, name: `${kind} stack`, low: cellAddress(start), high };
      }),
    );
  const hostile = fc.record({
    stacks: fc.array(
      fc.oneof(
        stack,
        fc.constant(whole).map((bounds) => ({ ...bounds })),
      ),
      { maxLength: 5 },
    ),
    contents: fc.array(content, { minLength: cells, maxLength: cells }),
    traps: fc.array(trap, { maxLength: 20 }),
    fp: anyFp,
    /** Which FINAL record is the task's own: one that the walk may meet, or none. */
    finalCell: fc.option(fc.nat(cells), { nil: undefined }),
    unreadable: fc.option(anyFp, { nil: undefined, freq: 8 }),
  });
  type Scene = typeof hostile extends fc.Arbitrary<infer T> ? T : never;

  /** A record, its type and its pt_regs. */
  const readsPerFrame = 3;

  /** How many objects fit into the stacks, each at least the 16 bytes of a record: the bound that R4 implies. */
  const objectsIn = (stacks: readonly StackBounds[]) =>
    stacks.reduce((sum, { low, high }) => sum + Number((high - low) / 16n), 0);

  interface Run {
    readonly input: WalkInput;
    readonly image: StackImage;
    /** Number of reads of the memory. */
    reads: number;
  }

  function prepare(scene: Scene): Run {
    const image = new StackImage();
    image.stacks.push(...scene.stacks);
    scene.contents.forEach((write, cell) => write(image, cell));
    for (const { cell, fp, epc, type: kind } of scene.traps)
      image.ptRegs(cellAddress(cell), kind, { [layout.epc]: epc, [layout.x[8]!]: fp(cell) });
    const finalRecord = scene.finalCell === undefined ? undefined : cellAddress(scene.finalCell);
    if (finalRecord !== undefined) image.write(finalRecord, 0n, 0n, 1n);
    const maxReads = readsPerFrame * (1 + objectsIn(scene.stacks));
    const memory: ReadMemory = (from, length) => {
      // A walk that does not end must fail here, or the test would not end either.
      assert.ok(++run.reads <= maxReads, 'the walk reads more than R4 allows');
      const hole = scene.unreadable;
      const bytes = image.memory(from, length);
      return hole !== undefined && hole >= from && hole < from + BigInt(length) ? undefined : bytes;
    };
    const start = { kind: 'registers', pc: textStart, fp: scene.fp, sp: scene.fp - 32n } as const;
    const run: Run = { image, input: image.input(start, { memory, finalRecord }), reads: 0 };
    return run;
  }

  it('ends within the bound of R4 and reads nothing outside the stacks', () => {
    fc.assert(
      fc.property(hostile, (scene) => {
        const run = prepare(scene);
        const { finalRecord } = run.input;
        const { frames, end, reliable } = walkMetadata(run.input);
        const objects = objectsIn(scene.stacks);
        assert.ok(frames.length <= 1 + objects, `${frames.length} frames from ${objects} objects`);
        assert.ok(
          run.reads <= readsPerFrame * frames.length,
          `${run.reads} reads for ${frames.length} frames`,
        );
        assert.deepEqual(run.image.strayReads, []);
        assert.match(end.rule, /^R(2|3|4|6|7|18)$/);
        assert.equal(end.kind === 'final', end.rule === 'R7' && end.address === finalRecord);
        assert.equal(reliable, end.kind === 'final' && frames.every((frame) => frame.mark !== 'P'));
      }),
      { numRuns: 1500 },
    );
  });

  it('never takes one byte twice, nor returns to a stack it has left', () => {
    const arbitrary = fc
      .tuple(hostile, sideBySide)
      .map(([scene, stacks]) => ({ ...scene, stacks: [...stacks] }));
    fc.assert(
      fc.property(arbitrary, (scene) => {
        const { frames } = walkMetadata(prepare(scene).input);
        const highest = new Map<StackBounds, bigint>();
        let current: StackBounds | undefined;
        for (const { origin } of frames.slice(1)) {
          assert.ok('address' in origin);
          const { address } = origin;
          const end = address + (origin.kind === 'record' ? 16n : BigInt(layout.size));
          const home = scene.stacks.find(({ low, high }) => address >= low && end <= high);
          assert.ok(home && address >= (highest.get(home) ?? home.low));
          assert.ok(home === current || !highest.has(home));
          current = home;
          highest.set(home, end);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same answer to the same input', () => {
    fc.assert(
      fc.property(hostile, (scene) => {
        const { input } = prepare(scene);
        assert.deepEqual(walkMetadata(input), walkMetadata(input));
      }),
      { numRuns: 150 },
    );
  });

  it('reaches the bound of R4 on a stack that is records from end to end', () => {
    const image = new StackImage();
    const { low, high } = image.add('task', base, 4096n);
    for (let fp = low + 16n; fp <= high; fp += 16n) image.record(fp, fp + 16n, textStart);
    const start = { kind: 'registers', pc: textStart, fp: low + 16n, sp: low } as const;
    const { frames, end } = walkMetadata(image.input(start));
    assert.equal(frames.length, 1 + 4096 / 16);
    assert.equal(end.rule, 'R3');
  });
});

describe('walkMetadata on well-formed stacks', () => {
  const stackSize = 0x4000n;
  const step = fc.record({
    kind: fc.constantFrom('record', 'record', 'record', 'pt_regs'),
    gap: fc.nat(12).map((words) => 8n * BigInt(words)),
    pc: textAddress,
  });
  /** What lies on each stack, innermost first. The task stack, with the FINAL record, comes last. */
  const chain = fc.record({
    stacks: fc
      .tuple(fc.shuffledSubarray(['irq', 'overflow'] as const), fc.constant(['task'] as const))
      .map(([before, last]) => [...before, ...last]),
    steps: fc.array(fc.array(step, { minLength: 1, maxLength: 20 }), { minLength: 3, maxLength: 3 }),
    startPc: textAddress,
  });

  it('are walked exactly as they were built, to FINAL', () => {
    fc.assert(
      fc.property(chain, ({ stacks, steps, startPc }) => {
        const image = new StackImage();
        const bounds = stacks.map((kind, n) => image.add(kind, BigInt(n + 1) << 20n, stackSize));
        const objects = bounds.flatMap((stack, n) => {
          let address = stack.low;
          return steps[n]!.map(({ kind, gap, pc }) => {
            const object = { kind, pc, stack, address: address + gap };
            address = object.address + (kind === 'record' ? 16n : BigInt(layout.size));
            return object;
          });
        });
        const finalFp = bounds.at(-1)!.high - 16n;
        const s0Of = ({ kind, address }: (typeof objects)[number]) =>
          kind === 'record' ? address + 16n : address + stackframe + 16n;
        const fps = [...objects.map(s0Of), finalFp];
        objects.forEach(({ kind, pc }, n) => {
          if (kind === 'record') image.record(fps[n]!, fps[n + 1]!, pc);
          else image.ptRegs(fps[n]!, 2n, { [layout.epc]: pc, [layout.x[8]!]: fps[n + 1]! });
        });
        image.metadata(finalFp, 1n);

        const start = { kind: 'registers', pc: startPc, fp: fps[0]!, sp: fps[0]! - 8n } as const;
        const result = walkMetadata(image.input(start, { finalRecord: finalFp - 16n }));

        assert.deepEqual(
          result.frames.map(({ pc, mark, fp, stack }) => ({ pc, mark, fp, stack })),
          [
            { pc: startPc, mark: 'C', fp: fps[0], stack: bounds[0] },
            ...objects.map(({ kind, pc }, n) => ({
              pc,
              mark: kind === 'record' ? 'C' : 'P',
              fp: fps[n + 1],
              stack: objects[n + 1]?.stack ?? bounds.at(-1),
            })),
          ],
        );
        assert.deepEqual(
          result.frames.slice(1).map(({ origin }) => 'address' in origin && origin.address),
          objects.map(({ address }) => address),
        );
        assert.equal(result.end.kind, 'final');
        assert.equal(
          result.reliable,
          objects.every(({ kind }) => kind === 'record'),
        );
        assert.deepEqual(image.strayReads, []);
      }),
      { numRuns: 500 },
    );
  });
});
