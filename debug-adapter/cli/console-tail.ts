/** The last lines that a guest wrote, to be shown when it did not get where it should. */
export class ConsoleTail {
  readonly #decoder = new TextDecoder();
  #text = '';

  static readonly #mostCharacters = 4_000;

  add(bytes: Uint8Array): void {
    this.#text = (this.#text + this.#decoder.decode(bytes, { stream: true })).slice(
      -ConsoleTail.#mostCharacters,
    );
  }

  lines(count: number): readonly string[] {
    return this.#text.trimEnd().split(/\r?\n/).filter(Boolean).slice(-count);
  }
}
