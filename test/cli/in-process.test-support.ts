/** The command line without a process of its own, for what neither reads stdin nor writes the guest's console. */
import assert from 'node:assert/strict';
import { runProgram } from '../../debug-adapter/cli/program';
import { noStyle } from '../../debug-adapter/cli/style';
import type { Finished } from '../built-cli.test-support';

export const sample = 'sample-kernel/prebuilt/sample-metadata.elf';

export async function inProcess(args: readonly string[]): Promise<Finished> {
  let [stdout, stderr] = ['', ''];
  const io = {
    out: (text: string) => (stdout += `${text}\n`),
    error: (text: string) => (stderr += `${text}\n`),
  };
  return { status: await runProgram(args, io, noStyle), stdout, stderr };
}

/** Runs, and expects exit status 2 with one sentence on stderr and nothing on stdout; the result is the sentence. */
export async function mistake(args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await inProcess(args);
  assert.equal(status, 2, stderr);
  assert.equal(stdout, '');
  return stderr;
}
