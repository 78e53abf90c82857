/** Files that change while a program is debugged: whether they did, and whether what is there can be booted. */
import { readKernelFile } from '../image/kernel-file';
import { UserError, type FileSystem, type FileVersion } from './api';
import { badElf } from './errors';
import { LaunchFiles, parsing } from './launch-files';

const endsTooEarly =
  'The file ends before its sections do: it is damaged or incomplete. Build or copy it again.';

/** The versions that files have, in one text that can be compared; `undefined` while one of them is missing, as in the midst of a build. */
export async function versionsOf(
  read: readonly Pick<FileVersion, 'path'>[],
  files: FileSystem,
): Promise<string | undefined> {
  const versions = await Promise.all(
    read.map(({ path }) => files.version?.(path) ?? Promise.resolve(undefined)),
  );
  return versions.includes(undefined) ? undefined : versions.join('\n');
}

/** As `versionsOf` had it when they were read. */
export function readVersions(read: readonly FileVersion[]): string {
  return read.map(({ version }) => version).join('\n');
}

/** A sentence that says why a kernel cannot be booted, half written as it may be; `undefined` if it can. */
export async function whyNotBootable(path: string, files: FileSystem): Promise<string | undefined> {
  try {
    const file = await new LaunchFiles(files, {}).open('kernel', path);
    const { elf } = await parsing(file, () => readKernelFile(file.source));
    return elf?.isCut === true ? badElf('kernel', file.path, endsTooEarly).message : undefined;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
