/** What a guest has written on its console, as a terminal shows it. */

/** Characters kept for a terminal that is opened, or opened again, later. */
const maxTranscript = 256 * 1024;

export class ConsoleText {
  private text = '';
  private afterReturn = false;

  /** All that is still kept, ready to be written to an empty terminal. */
  get transcript(): string {
    return this.text;
  }

  /**
   * Takes guest output. A serial line does not translate line feeds, and kernels differ in whether they send a carriage
   * return first; a lone line feed becomes both, so that no line starts in the middle.
   * @returns what to write to the terminal
   */
  append(data: string): string {
    let shown = '';
    for (const character of data) {
      shown += character === '\n' && !this.afterReturn ? '\r\n' : character;
      this.afterReturn = character === '\r';
    }
    return this.keep(shown);
  }

  /** A line of our own, set apart from what the guest writes. */
  note(sentence: string): string {
    const newLine = this.text === '' || this.text.endsWith('\n') ? '' : '\r\n';
    this.afterReturn = false;
    return this.keep(`${newLine}\x1b[0;2m── ${sentence} ──\x1b[0m\r\n`);
  }

  private keep(shown: string): string {
    this.text += shown;
    if (this.text.length > maxTranscript) {
      // Cut at a line if there is one, so that no escape sequence is torn.
      const half = this.text.length - maxTranscript / 2;
      this.text = this.text.slice(this.text.indexOf('\n', half) + 1 || half);
    }
    return shown;
  }
}
