import type { VirtioDevice } from './device';
import type { Virtqueue } from './virtqueue';

/** A single port: it is queues 0 and 1 (virtio 1.2 §5.3.2). */
const RECEIVE = 0;
const TRANSMIT = 1;
const QUEUE_SIZE = 64;

/** Output of one request at most; the rest is dropped. Drivers send pages. */
const MOST_BYTES = 1 << 20;

/** VIRTIO_CONSOLE_F_EMERG_WRITE: a byte written here is output, before there are queues. */
const EMERGENCY_WRITE = 1n << 2n;
const Config = { size: 12, emergencyWrite: 8 } as const;

/** A console of one port. Input waits outside until the driver has given room for it. */
export class VirtioConsole implements VirtioDevice {
  readonly id = 3;
  readonly features = EMERGENCY_WRITE;
  readonly queueSizes = [QUEUE_SIZE, QUEUE_SIZE];
  readonly config = new Uint8Array(Config.size);
  private readonly transmit: (bytes: Uint8Array) => void;
  private backlog: number[] = [];
  private inputArrived: () => void = () => undefined;

  /** @param transmit gets what the guest writes */
  constructor(transmit: (bytes: Uint8Array) => void) {
    this.transmit = transmit;
  }

  connect(serve: (index: number) => void): void {
    this.inputArrived = () => serve(RECEIVE);
  }

  /** Bytes typed at the console. */
  receive(bytes: Uint8Array): void {
    for (const byte of bytes) this.backlog.push(byte);
    this.inputArrived();
  }

  writeConfig(offset: number, value: number): void {
    if (offset === Config.emergencyWrite) this.transmit(Uint8Array.of(value & 0xff));
  }

  serve(index: number, queue: Virtqueue): void {
    if (index === TRANSMIT) this.send(queue);
    if (index === RECEIVE) this.fill(queue);
  }

  state(): readonly number[] {
    return [this.backlog.length, ...this.backlog];
  }

  private send(queue: Virtqueue): void {
    for (const chain of queue.chains()) {
      const bytes = chain.read(0, MOST_BYTES);
      if (bytes.length > 0) this.transmit(bytes);
      queue.giveBack(chain, 0);
    }
  }

  private fill(queue: Virtqueue): void {
    for (const chain of queue.chains(() => this.backlog.length > 0)) {
      const bytes = Uint8Array.from(this.backlog.splice(0, chain.writable));
      chain.write(0, bytes);
      queue.giveBack(chain, bytes.length);
    }
  }
}
