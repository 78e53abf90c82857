import assert from 'node:assert/strict';
import type { Program, ProgramSymbol } from '../symbols/api';
import { madeCode } from './code-places';
import type { KernelImage } from './kernel-image';

const image = (start: bigint): KernelImage =>
  ({ running: { start, end: start + 0x200_0000n } }) as Partial<KernelImage> as KernelImage;
const withFunctions = (...names: string[]): Program['symbols'] =>
  ({
    named: (name: string) => (names.includes(name) ? [{ name } as ProgramSymbol] : []),
  }) as Partial<Program['symbols']> as Program['symbols'];

const linux = image(0xffff_ffff_8000_0000n);
const modules = 0xffff_ffff_8200_0000n - 0x8000_0000n;
const pageOffset = 0xffff_ffd6_0000_0000n;

describe('where a kernel makes code', () => {
  it('is nowhere if it has no function for that', () => {
    assert.deepEqual(madeCode(withFunctions('start_kernel'), linux, pageOffset), []);
  });

  it('is among its modules and in what vmalloc() gives, and not in the mapping of all memory', () => {
    assert.deepEqual(madeCode(withFunctions('execmem_alloc'), linux, pageOffset), [
      { start: 1n << 63n, end: pageOffset },
      { start: modules, end: linux.running.start },
    ]);
  });

  it('is anywhere below the image in a kernel that does not say where memory is mapped, or not yet', () => {
    assert.deepEqual(madeCode(withFunctions('module_alloc'), linux, undefined), [
      { start: 1n << 63n, end: linux.running.start },
    ]);
  });

  it('is anywhere outside the image without an MMU', () => {
    const { running } = image(0x8040_0000n);
    assert.deepEqual(madeCode(withFunctions('module_alloc'), image(0x8040_0000n), undefined), [
      { start: 0n, end: running.start },
      { start: running.end, end: 1n << 64n },
    ]);
  });
});
