/** Console output on its way out: collected while the guest runs, so that a line costs one call and not eighty. */
export class ConsoleOutput {
  listener: (bytes: Uint8Array) => void = () => undefined;
  private readonly buffer = new Uint8Array(4096);
  private used = 0;

  write(bytes: Uint8Array): void {
    for (const byte of bytes) this.writeByte(byte);
  }

  writeByte(byte: number): void {
    if (this.used === this.buffer.length) this.flush();
    this.buffer[this.used++] = byte;
  }

  flush(): void {
    if (this.used === 0) return;
    const bytes = this.buffer.slice(0, this.used);
    this.used = 0;
    this.listener(bytes);
  }
}
