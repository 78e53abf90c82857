/** Everything around a flow: browser and server once for all of them, a folder and a window for each, evidence of a failure. */
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { chromiumFlags, chromiumPath } from '../chromium';
import { out, packageExtension, packageNeighbour, root, startServer, type Server } from './server';
import { setUp } from './setup.mjs';
import { Workbench } from './workbench';

class Harness {
  private browser: Browser | undefined;
  private server: Server | undefined;
  private extension = '';

  /** @returns why the flows cannot run on this machine, or `undefined` when all is ready. */
  async start(): Promise<string | undefined> {
    if (process.platform !== 'linux' || process.arch !== 'x64')
      return 'the workbench server is for Linux on x64';
    if (!existsSync(chromiumPath)) return `no browser at ${chromiumPath}: install chromium, or set CHROMIUM`;
    try {
      setUp();
    } catch (error) {
      return `the workbench cannot be installed from the npm registry: ${(error as Error).message}`;
    }
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out, { recursive: true });
    this.extension = packageExtension();
    this.server = await startServer('server', [this.extension]);
    this.browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
    return undefined;
  }

  async stop(): Promise<void> {
    await this.browser?.close();
    await this.server?.stop();
  }

  /**
   * Runs a flow in a window on a copy of the sample kernel. A failure leaves a screenshot and the browser's log, and says where.
   * @param options.launchJson whether the copy has its launch.json
   * @param options.prepare changes the copy before its window opens
   */
  async inSample(
    name: string,
    options: { readonly launchJson: boolean; readonly prepare?: (folder: string) => void },
    flow: (workbench: Workbench) => Promise<void>,
  ): Promise<void> {
    const folder = join(out, 'workspaces', name, 'sample-kernel');
    cpSync(join(root, 'sample-kernel'), folder, { recursive: true });
    if (!options.launchJson) rmSync(join(folder, '.vscode'), { recursive: true, force: true });
    options.prepare?.(folder);
    await this.inWindow(name, folder, flow);
  }

  /** Runs a flow in a workbench that has another extension, a folder beside this file, installed as well. */
  async beside(neighbour: string, run: () => Promise<void>): Promise<void> {
    const alone = this.server;
    this.server = await startServer(`server-${neighbour}`, [packageNeighbour(neighbour), this.extension]);
    try {
      await run();
    } finally {
      await this.server.stop();
      this.server = alone;
    }
  }

  /** @param folder absolute path, or `undefined` for an empty window */
  async inWindow(
    name: string,
    folder: string | undefined,
    flow: (workbench: Workbench) => Promise<void>,
  ): Promise<void> {
    const { url, log: serverLog } = this.server!;
    const workbench = await Workbench.open(this.browser!, url, folder);
    try {
      await flow(workbench);
    } catch (error) {
      const picture = await workbench.screenshot(`failed-${name}`).catch(() => 'none');
      const log = join(out, `browser-${name}.log`);
      writeFileSync(log, workbench.consoleLog);
      const evidence = { screenshot: picture, 'browser log': log, 'server log': serverLog };
      const where = Object.entries(evidence).map(([what, path]) => `${what}: ${path}`);
      throw new Error([(error as Error).message, ...where].join('\n'), { cause: error });
    } finally {
      await workbench.close();
    }
  }
}

/** The one of this test run; `hooks.ts` starts and stops it. */
export const harness = new Harness();
