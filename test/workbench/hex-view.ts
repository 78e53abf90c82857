/** The active editor where it is the stand-in for the Hex Editor (folder `hex-editor`), as a person reads and types in it. */
import type { FrameLocator, Locator } from 'playwright-core';
import type { Workbench } from './workbench';

export class HexView {
  private readonly workbench: Workbench;

  constructor(workbench: Workbench) {
    this.workbench = workbench;
  }

  /** The bytes from an offset on, in hexadecimal, as soon as `wanted` holds for them. */
  async bytes(
    offset: number,
    count: number,
    wanted: (bytes: readonly string[]) => boolean,
  ): Promise<string[]> {
    const cells = Array.from({ length: count }, (_, i) => `#byte${offset + i}`).join();
    return this.workbench.until(async () => {
      // There is none while another memory takes its place.
      const texts = await this.frame
        .locator(cells)
        .allTextContents()
        .catch(() => []);
      return texts.map((text) => text.trim());
    }, wanted);
  }

  /** Waits for words of the editor. */
  async text(wanted: RegExp): Promise<void> {
    await this.frame.getByText(wanted).waitFor();
  }

  /** Types over a byte, and saves. */
  async write(offset: number, digits: string): Promise<void> {
    await this.byte(offset).click();
    for (const digit of digits) await this.workbench.page.keyboard.press(digit);
    await this.workbench.page.keyboard.press('Control+s');
    await this.workbench.page.locator('.tab.active.dirty').waitFor({ state: 'detached' });
  }

  private byte(offset: number): Locator {
    return this.frame.locator(`#byte${offset}`);
  }

  /** Web views are pages in pages. */
  private get frame(): FrameLocator {
    return this.workbench.page.frameLocator('iframe.webview.ready:visible').frameLocator('#active-frame');
  }
}
