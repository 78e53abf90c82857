/**
 * Sees that the program under debug was built anew. It is asked for once a second, which any file system can answer; what a linker
 * still writes is waited for.
 */
import { UserError, type FileSystem, type FileVersion } from '../../debugger/api';
import { readVersions, versionsOf, whyNotBootable } from '../../debugger/rebuild';
import { hostScheduler, type Scheduler } from '../../target/scheduler';

/** Milliseconds between two looks. What is the same for as long is taken to be written. */
const interval = 1000;
/** Looks at the same file that cannot be booted before that is said: a linker may pause. */
const patience = 4;
/** Milliseconds for which a restart waits for the end of a build, and between its looks. */
const longestWait = 10_000;
const settleTime = 200;

export interface Rebuild {
  /** The kernel's path. */
  readonly path: string;
  /** Why it cannot be booted; `undefined` if it can. */
  readonly problem: string | undefined;
}

export class Rebuilds {
  private readonly files: FileSystem;
  private readonly scheduler: Scheduler;
  /** Ends the watch at hand. */
  private end: () => void = () => undefined;

  constructor(files: FileSystem, scheduler: Scheduler = hostScheduler()) {
    this.files = files;
    this.scheduler = scheduler;
  }

  /** Watches what a program was read from, and nothing else any more. `tell` is called once for each build. */
  watch(path: string, read: readonly FileVersion[], tell: (rebuild: Rebuild) => void): void {
    this.stop();
    if (read.length === 0) return;
    const known = readVersions(read);
    let told = known;
    let last: string | undefined = known;
    let looks = 0;
    let isWatched = true;
    let cancel = (): void => undefined;
    const look = async (): Promise<void> => {
      const versions = await versionsOf(read, this.files);
      looks = versions === last ? looks + 1 : 0;
      last = versions;
      // Back to what runs, as after `git stash` with a cache of builds: no news.
      if (versions === known) told = known;
      if (versions === undefined || versions === told || looks === 0) return;
      const problem = await whyNotBootable(path, this.files);
      if ((problem !== undefined && looks < patience) || !isWatched) return;
      told = versions;
      tell({ path, problem });
    };
    const again = () => {
      if (!isWatched) return;
      cancel = this.scheduler.after(interval, () => void look().then(again, again));
    };
    again();
    this.end = () => {
      isWatched = false;
      cancel();
    };
  }

  stop(): void {
    this.end();
  }

  /**
   * Before a restart of a kernel: waits until files that are not as they were read have stayed the same for a while, at most for ten
   * seconds. Rejects with `UserError` if what is there then cannot be booted.
   */
  async settled(path: string, read: readonly FileVersion[], signal: AbortSignal): Promise<void> {
    await this.wait(read, signal);
    if (read.length === 0 || (await versionsOf(read, this.files)) === readVersions(read)) return;
    const problem = await whyNotBootable(path, this.files);
    if (problem !== undefined) throw new UserError(problem);
  }

  private async wait(read: readonly FileVersion[], signal: AbortSignal): Promise<void> {
    const end = this.scheduler.now() + longestWait;
    let last: string | undefined = readVersions(read);
    for (;;) {
      const versions = await versionsOf(read, this.files);
      if (versions !== undefined && versions === last) return;
      if (this.scheduler.now() > end) return;
      last = versions;
      await new Promise<void>((resolve) => void this.scheduler.after(settleTime, resolve));
      signal.throwIfAborted();
    }
  }
}
