/** What a person does in the workbench and sees there: one window, driven through the browser. */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { out, root } from './server';

export interface ShownFrame {
  readonly label: string;
  /** `entry.S`, empty for a row without source. */
  readonly file: string;
  /** As shown: `120:1`, or empty. */
  readonly line: string;
}

/** What is used of a DOM element in the page; the tests' own TypeScript knows no DOM. */
interface PageElement {
  readonly textContent: string | null;
  querySelector(selector: string): PageElement | null;
}

export class Workbench {
  readonly page: Page;
  private readonly context: BrowserContext;
  private readonly log: string[] = [];

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    page.on('console', (message) => this.log.push(`[${message.type()}] ${message.text()}`));
    page.on('pageerror', (error) => this.log.push(`[page error] ${error.stack ?? error.message}`));
  }

  /** Opens a window on a folder, or an empty one, in a browser profile of its own: no breakpoints or open files of other tests. */
  static async open(browser: Browser, url: string, folder: string | undefined): Promise<Workbench> {
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    context.setDefaultTimeout(20_000);
    const workbench = new Workbench(context, await context.newPage());
    await workbench.page.goto(
      `${url}/?${folder === undefined ? 'ew=true' : `folder=${encodeURIComponent(folder)}`}`,
    );
    await workbench.page.locator('.part.statusbar .statusbar-item').first().waitFor();
    return workbench;
  }

  async close(): Promise<void> {
    await this.context.close();
  }

  /** Lines that the page has written to the browser's console. */
  get consoleLog(): string {
    return this.log.join('\n');
  }

  async screenshot(name: string): Promise<string> {
    const path = join(out, 'screenshots', `${name}.png`);
    mkdirSync(join(out, 'screenshots'), { recursive: true });
    await this.page.screenshot({ path });
    return path;
  }

  /** A screenshot for README and walkthrough: copied to docs/images when `UPDATE_SCREENSHOTS=1`. */
  async documentedScreenshot(name: string): Promise<void> {
    const path = await this.screenshot(name);
    if (process.env['UPDATE_SCREENSHOTS'] === '1') cpSync(path, join(root, 'docs/images', `${name}.png`));
  }

  /** Runs a command of the palette, by its exact title. */
  async command(title: string): Promise<void> {
    const row = this.quickPickRow(title);
    await this.page.keyboard.press('F1');
    // The workbench is there before extensions' commands are: the palette lists what it knows when the text changes.
    await this.until(
      async () => {
        await this.quickInput.fill('>');
        await this.quickInput.fill(`>${title}`);
        return row.waitFor({ timeout: 1000 }).then(
          () => true,
          () => false,
        );
      },
      (found) => found,
    );
    await row.click();
  }

  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible input.input').first();
  }

  /** The row of the open quick pick whose label is `label`, with or without a command's category. */
  quickPickRow(label: string): Locator {
    const exactly = new RegExp(`(^|: )${label.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
    const labels = this.page.locator('.label-name', { hasText: exactly });
    return this.page.locator('.quick-input-list .monaco-list-row').filter({ has: labels }).first();
  }

  async openFile(name: string): Promise<void> {
    await this.explorerRow(name).dblclick();
    await this.page.locator(`.tab[data-resource-name="${name}"]`).waitFor();
    // Text, or the page that says that the file is binary.
    await this.page.locator('.editor-instance .view-line, .monaco-editor-pane-placeholder').first().waitFor();
  }

  /** Opens a file anywhere in the workspace, by its path in it. */
  async quickOpen(path: string): Promise<void> {
    const name = path.slice(path.lastIndexOf('/') + 1);
    await this.page.keyboard.press('Control+p');
    await this.quickInput.fill(path);
    await this.quickPickRow(name).click();
    await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
    await this.page.locator('.editor-instance .view-line').first().waitFor();
  }

  async expandFolder(name: string): Promise<void> {
    await this.explorerRow(name).click();
  }

  /** Scrolls the active editor to a line and sets a breakpoint on it with a click in the margin. */
  async clickGutter(line: number): Promise<void> {
    await this.page.keyboard.press('Control+g');
    await this.quickInput.fill(`:${line}`);
    await this.page.keyboard.press('Enter');
    await this.quickInput.waitFor({ state: 'hidden' });
    const number = this.page.locator('.margin-view-overlays .line-numbers', {
      hasText: new RegExp(`^${line}$`),
    });
    const row = await boxOf(number);
    const margin = await boxOf(this.page.locator('.editor-instance .margin').first());
    await this.page.mouse.click(margin.x + 10, row.y + row.height / 2);
    await this.page
      .locator('.codicon-debug-breakpoint, .codicon-debug-breakpoint-unverified')
      .first()
      .waitFor();
  }

  /** Waits until the Breakpoints view has a breakpoint, in a session one that the adapter has found a place for. */
  async breakpoint(kind: 'function' | 'data', name: string): Promise<void> {
    await this.command('Focus on Breakpoints View');
    // Below the exception filters, and only what is to be seen is in the page.
    await this.page.keyboard.press('End');
    const rows = this.page.locator('.debug-breakpoints .monaco-list-row', { hasText: name });
    await rows.locator(`.codicon-debug-breakpoint-${kind}`).waitFor();
  }

  /** Switches an exception filter of the Breakpoints view on, with a condition. */
  async filterCondition(label: string, condition: string): Promise<void> {
    await this.command('Focus on Breakpoints View');
    const row = this.page.locator('.debug-breakpoints .monaco-list-row', { hasText: label }).first();
    await row.locator('input[type="checkbox"], .monaco-checkbox').first().click();
    await row.hover();
    await row.locator('.action-label[aria-label^="Edit Condition"]').click();
    const input = this.page.locator('.debug-breakpoints .monaco-inputbox input').first();
    await input.fill(condition);
    await input.press('Enter');
    await this.page.locator('.debug-breakpoints .monaco-list-row', { hasText: condition }).first().waitFor();
  }

  /** Sets a function breakpoint with the + of the Breakpoints view. */
  async addFunctionBreakpoint(name: string): Promise<void> {
    await this.command('Focus on Breakpoints View');
    await this.page.locator('.action-label[aria-label="Add Function Breakpoint"]').click();
    const input = this.page.locator('.debug-breakpoints .monaco-inputbox input').first();
    await input.fill(name);
    await input.press('Enter');
    await input.waitFor({ state: 'detached' });
  }

  /** Switches an exception filter off that is on. */
  async untickFilter(label: string): Promise<void> {
    await this.command('Focus on Breakpoints View');
    await this.page.keyboard.press('Home');
    const row = this.page.locator('.debug-breakpoints .monaco-list-row', { hasText: label }).first();
    await row.locator('input[type="checkbox"], .monaco-checkbox').first().click();
  }

  /** Enters lines into the debug console, one after the other. */
  async typeInConsole(...lines: readonly string[]): Promise<void> {
    for (const line of lines) {
      await this.command('Debug Console: Focus on Debug Console View');
      await this.page.keyboard.type(line);
      await this.page.keyboard.press('Escape'); // Suggestions would take the next key.
      await this.page.keyboard.press('Enter');
      await this.page.locator('.repl .monaco-list-row', { hasText: line }).last().waitFor();
    }
  }

  /** Makes the side bar wider and folds the Watch section, so that rows of the Call Stack view are not cut. */
  async makeRoomForCallStack(): Promise<void> {
    const sideBar = await boxOf(this.page.locator('.part.sidebar'));
    const edge = sideBar.x + sideBar.width + 2;
    await this.page.mouse.move(edge, 300);
    await this.page.mouse.down();
    await this.page.mouse.move(edge + 230, 300, { steps: 5 });
    await this.page.mouse.up();
    await this.toggleSection('Watch');
    // Over the terminal nothing shows a hover; it tells its new size for a moment.
    await this.page.mouse.move(edge + 300, 800);
    await this.page.locator('.terminal-resize-overlay.visible').waitFor({ state: 'detached' });
    await this.page.waitForTimeout(500);
  }

  /** Moves the upper edge of a section of the side bar down, by so many pixels. */
  async makeRoomAbove(title: string, pixels: number): Promise<void> {
    const { x, y, width } = await boxOf(this.page.locator('.pane-header', { hasText: title }));
    await this.page.mouse.move(x + width / 2, y);
    await this.page.mouse.down();
    await this.page.mouse.move(x + width / 2, y + pixels, { steps: 5 });
    await this.page.mouse.up();
  }

  /** Folds a section of the side bar, so that the others get its room, or opens it again. */
  async toggleSection(title: string): Promise<void> {
    await this.page.locator('.pane-header', { hasText: title }).click();
    // There is an animation.
    await this.page.waitForTimeout(500);
  }

  /** Rows of the Call Stack view, as soon as `wanted` holds for them. */
  async frames(wanted: (frames: readonly ShownFrame[]) => boolean): Promise<ShownFrame[]> {
    return this.until(
      () =>
        this.page.locator('.debug-call-stack .stack-frame').evaluateAll((rows: readonly PageElement[]) =>
          rows.map((row) => ({
            label: row.querySelector('.label')?.textContent ?? '',
            file: row.querySelector('.file-name')?.textContent ?? '',
            line: row.querySelector('.line-number')?.textContent ?? '',
          })),
        ),
      wanted,
    );
  }

  /** All rows of the Call Stack view: the editor asks for 20 at first. */
  async allFrames(wanted: (frames: readonly ShownFrame[]) => boolean): Promise<ShownFrame[]> {
    await this.page.getByText('Load More Stack Frames').click();
    return this.frames(wanted);
  }

  /** Rows of the Call Stack view as text: sessions where there are several, threads, frames. */
  async callStackRows(wanted: (rows: readonly string[]) => boolean): Promise<string[]> {
    return this.until(
      () => this.page.locator('.debug-call-stack .monaco-list-row').allTextContents(),
      wanted,
    );
  }

  /** Brings one of several sessions to the front. */
  async selectSession(name: string): Promise<void> {
    await this.sessionRow(name).locator('.name').click();
  }

  /** Presses a button in the row of one of several sessions. */
  async sessionButton(name: string, button: 'Restart' | 'Stop'): Promise<void> {
    await this.sessionRow(name).hover();
    await this.sessionRow(name).locator(`.action-label[aria-label^="${button}"]`).click();
  }

  private sessionRow(name: string): Locator {
    return this.page.locator('.debug-call-stack .session', { hasText: name });
  }

  /** Unfolds a thread of the Call Stack view whose name begins so. */
  async expandThread(name: string): Promise<void> {
    const row = this.page.locator('.debug-call-stack .monaco-list-row', { hasText: name }).first();
    await row.waitFor();
    if ((await row.getAttribute('aria-expanded')) !== 'true') await row.locator('.monaco-tl-twistie').click();
  }

  /** Of the view "RISC-V Kernel", by how its text begins. */
  kernelRow(text: string): Locator {
    return this.page.locator('.customview-tree .monaco-list-row', { hasText: text }).first();
  }

  /** Unfolds a row of the view "RISC-V Kernel". */
  async expandKernel(text: string): Promise<void> {
    const row = this.kernelRow(text);
    await row.waitFor();
    if ((await row.getAttribute('aria-expanded')) !== 'true') await row.locator('.monaco-tl-twistie').click();
  }

  /** Rows of the view "RISC-V Kernel", as soon as `wanted` holds for them. */
  async kernelRows(wanted: (rows: readonly string[]) => boolean): Promise<string[]> {
    return this.until(async () => {
      const texts = await this.page.locator('.customview-tree .monaco-list-row').allTextContents();
      return texts.map((text) => text.trim());
    }, wanted);
  }

  /** The lines of the active editor that are in the page. */
  async editorLines(wanted: (lines: readonly string[]) => boolean): Promise<string[]> {
    // The editor writes blanks as no-break spaces.
    const read = async () =>
      (await this.page.locator('.editor-instance .view-line').allTextContents()).map((line) =>
        line.replaceAll('\u00a0', ' '),
      );
    return this.until(read, wanted);
  }

  /** Presses a button of the Run and Debug view, as soon as it can be: a key that comes right after a stop may be lost. */
  async debugButton(name: 'Continue' | 'Step Over' | 'Step Into' | 'Step Out'): Promise<void> {
    await this.page.locator(`.composite.title .action-label[aria-label^="${name}"]:not(.disabled)`).click();
  }

  /** Waits until the status bar names the language of the active editor. */
  async showsLanguage(wanted: string): Promise<void> {
    await this.page.locator('.statusbar-item#status\\.editor\\.mode', { hasText: wanted }).waitFor();
  }

  variableRow(name: string): Locator {
    const named = this.page.locator('.name, .scope', { hasText: name });
    return this.page.locator('.debug-variables .monaco-list-row').filter({ has: named }).first();
  }

  /** Opens a row of the Variables view, or folds it: again, if the view was drawn anew meanwhile. */
  async expandVariable(name: string, expanded = true): Promise<void> {
    const row = this.variableRow(name);
    await row.waitFor();
    const isDone = async () => ((await row.getAttribute('aria-expanded')) === 'true') === expanded;
    while (!(await isDone())) {
      await row.locator('.monaco-tl-twistie').click();
      await this.page.waitForTimeout(300);
    }
  }

  /** Changes the value of a variable that is to be seen. */
  async setVariable(name: string, value: string): Promise<void> {
    await this.variableRow(name).locator('.value').dblclick();
    const input = this.page.locator('.debug-variables .monaco-inputbox input');
    await input.fill(value);
    await input.press('Enter');
  }

  /** Picks an item of the context menu of a variable that is to be seen. */
  async variableMenu(name: string, item: string): Promise<void> {
    await this.variableRow(name).click({ button: 'right' });
    // A menu that has just opened takes keys, but no clicks yet.
    await this.page.getByRole('menuitem', { name: item, exact: true }).hover();
    await this.page.keyboard.press('Enter');
  }

  /** Presses the button "View Binary Data" of a variable that is to be seen. */
  async viewBinaryData(name: string): Promise<void> {
    const row = this.variableRow(name);
    await row.hover();
    await row.locator('.action-label[aria-label="View Binary Data"]').click();
  }

  /** Rows of the Variables view as text. */
  async variables(wanted: (rows: readonly string[]) => boolean): Promise<string[]> {
    return this.until(() => this.page.locator('.debug-variables .monaco-list-row').allTextContents(), wanted);
  }

  async disassembly(wanted: (rows: readonly string[]) => boolean): Promise<string[]> {
    return this.until(
      () => this.page.locator('.disassembly-view .monaco-list-row').allTextContents(),
      wanted,
    );
  }

  /** Text of the visible terminal. */
  async terminalText(wanted: (text: string) => boolean): Promise<string> {
    // xterm.js fills lines with no-break spaces.
    const read = async () =>
      (await this.page.locator('.terminal-wrapper.active .xterm-rows > div').allTextContents())
        .map((line) => line.replaceAll('\u00a0', ' ').trimEnd())
        .join('\n');
    return this.until(read, wanted);
  }

  async terminalTab(name: string): Promise<void> {
    await this.page
      .locator('.single-terminal-tab, .terminal-tabs-entry', { hasText: name })
      .first()
      .waitFor();
  }

  /** Repaints come in pieces: reads again until `wanted` holds, and after 20 s throws what it saw last. */
  async until<T>(read: () => Promise<T>, wanted: (value: T) => boolean): Promise<T> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const value = await read();
      if (wanted(value)) return value;
      if (Date.now() > deadline)
        throw new Error(`what was waited for did not appear; last seen: ${inspect(value)}`);
      await this.page.waitForTimeout(100);
    }
  }

  private explorerRow(name: string): Locator {
    const rows = this.page.locator('.explorer-folders-view .monaco-list-row');
    return rows.filter({ has: this.page.getByText(name, { exact: true }) }).first();
  }
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where an element is when it has come to rest: while the editor scrolls, lines go and come back elsewhere. */
async function boxOf(locator: Locator): Promise<Box> {
  const deadline = Date.now() + 20_000;
  let before: Box | null = null;
  for (;;) {
    await locator.waitFor();
    const box = await locator.boundingBox();
    if (box && box.x === before?.x && box.y === before.y) return box;
    if (Date.now() > deadline) throw new Error(`not at rest: ${locator.toString()}`);
    before = box;
    await locator.page().waitForTimeout(50);
  }
}
