/** Call frame information against binutils, row by row. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from '../../debug-adapter/symbols/api';
import { loadProgram } from '../../debug-adapter/symbols/program';
import { linuxKernel } from '../linux/linux.test-support';
import { differenceFrom, parseFrameListing, type ListedFrameRow } from './call-frames.test-support';
import { FIXTURE_NAMES, FIXTURES, fixtureText, loadFixture, runTool } from './fixtures.test-support';

const samples = join(import.meta.dirname, '../../sample-kernel/prebuilt');

function listingOf(path: string): readonly ListedFrameRow[] | undefined {
  const output = runTool('riscv64-linux-gnu-readelf', ['--debug-dump=frames-interp', path]);
  return output === undefined ? undefined : parseFrameListing(output);
}

/** Linkers leave entries of functions that they have dropped. */
function assertSameRows(program: Program, listed: readonly ListedFrameRow[], atLeast: number): void {
  const inText = listed.filter(({ start }) =>
    program.text.some((range) => start >= range.start && start < range.end),
  );
  assert.ok(inText.length >= atLeast, `${inText.length} rows`);
  for (const row of inText) {
    const difference = differenceFrom(row, program.callFrames!);
    if (difference !== undefined) assert.fail(difference);
  }
  assert.deepEqual(
    program.warnings.filter((warning) => /call frame|_frame/.test(warning)),
    [],
  );
}

describe('call frame information', function () {
  this.timeout(120_000);

  for (const form of ['debug', 'eh'] as const) {
    it(`in the forms that assembly can have, in .${form}_frame, has the rows that readelf lists`, () => {
      const listed = parseFrameListing(fixtureText(`${form}-frames.rows.txt`));
      assertSameRows(loadFixture(`${form}-frames`), listed, 30);
    });
  }

  it('says which frames are of signals, and which functions nothing called', () => {
    for (const name of ['debug-frames', 'eh-frames']) {
      const { symbols, callFrames } = loadFixture(name);
      const rowOf = (symbol: string) => callFrames!.at(symbols.named(symbol)[0]!.address)!;
      assert.equal(rowOf('trampoline').isSignalFrame, true);
      assert.equal(rowOf('plain').isSignalFrame, false);
      assert.equal(rowOf('in_register').returnAddressRegister, 5);
      assert.deepEqual(rowOf('_start').rules.get(1), { kind: 'undefined' });
      assert.equal(rowOf('plain').rules.get(1), undefined);
    }
  });

  for (const name of FIXTURE_NAMES) {
    it(`of ${name} has the rows that readelf lists`, function () {
      const listed = listingOf(join(FIXTURES, `${name}.elf`));
      if (listed === undefined) return this.skip(); // Debian's binutils-riscv64-linux-gnu.
      assertSameRows(loadFixture(name), listed, 8);
    });
  }

  for (const name of ['sample-metadata', 'sample-legacy', 'sample-m-mode']) {
    it(`of ${name} has the rows that readelf lists`, function () {
      const path = join(samples, `${name}.elf`);
      const listed = listingOf(path);
      if (listed === undefined) return this.skip();
      assertSameRows(loadProgram(readFileSync(path)), listed, 1000);
    });
  }

  for (const build of ['metadata', 'stock'] as const) {
    it(`of Linux (${build}) has the rows that readelf lists`, function () {
      const path = linuxKernel(this, build);
      const listed = listingOf(path);
      if (listed === undefined) return this.skip();
      assertSameRows(loadProgram(readFileSync(path)), listed, 100_000);
    });
  }
});
