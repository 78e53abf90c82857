import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KernelImage } from './kernel-image';
import { KernelLog } from './kernel-log';
import { KernelMemory } from './kernel-memory';
import type { LogRecord } from './log-record';
import { programWith, Words } from './structs.test-support';

const image = 0xffff_ffff_8000_8000n;
const ring = 0xffff_ffc6_0010_0000n;
const descriptors = 0xffff_ffc6_0020_0000n;
const infos = 0xffff_ffc6_0030_0000n;
const text = 0xffff_ffc6_0040_0000n;

const short = (offset: number) => ({ offset, size: 2 });
const levelBits = (offset: number) => ({ offset, size: 1, bits: { shift: 5, width: 3 } });

/** As in Linux 7.3, of 8 descriptors and 64 bytes of text. */
const since510 = programWith(
  { prb: image },
  {
    printk_ringbuffer: {
      size: 72,
      members: {
        'desc_ring.count_bits': { offset: 0, size: 4 },
        'desc_ring.descs': 8,
        'desc_ring.infos': 16,
        'desc_ring.head_id': 24,
        'desc_ring.tail_id': 32,
        'text_data_ring.size_bits': { offset: 40, size: 4 },
        'text_data_ring.data': 48,
      },
    },
    prb_desc: {
      size: 24,
      members: { state_var: 0, 'text_blk_lpos.begin': 8, 'text_blk_lpos.next': 16 },
    },
    printk_info: {
      size: 24,
      members: {
        seq: 0,
        ts_nsec: 8,
        text_len: short(16),
        facility: { offset: 18, size: 1 },
        level: levelBits(19),
        caller_id: { offset: 20, size: 4 },
      },
    },
  },
);

/** As in Linux 5.4 with CONFIG_PRINTK_CALLER. */
const until59 = programWith(
  {
    log_buf: image,
    log_buf_len: image + 8n,
    log_first_idx: image + 16n,
    log_next_idx: image + 24n,
    log_first_seq: image + 32n,
  },
  {
    printk_log: {
      size: 24,
      members: {
        ts_nsec: 0,
        len: short(8),
        text_len: short(10),
        dict_len: short(12),
        facility: { offset: 14, size: 1 },
        level: levelBits(15),
        caller_id: { offset: 16, size: 4 },
      },
    },
  },
);

function read(program: typeof since510, words: Words, most?: number): readonly LogRecord[] | undefined {
  const kernelImage = new KernelImage(program);
  return new KernelLog(program, kernelImage).read(new KernelMemory(words.memory, kernelImage), most);
}

const reserved = 0n;
const committed = 1n;
const finalized = 2n;

class Ring {
  readonly words = new Words();
  #place = 0n;

  constructor(tail: bigint, head: bigint) {
    this.words.write(image, ring);
    this.words.write(ring, 3n, descriptors, infos, head, tail, 6n, text, 0n, 0n);
  }

  /** Writes a message as `prb_reserve()` lays it out. */
  add(id: bigint, message: string, state = finalized, caller = 1): this {
    const size = BigInt(8 + ((message.length + 7) & ~7));
    const begin = this.#place;
    const wraps = begin / 64n !== (begin + size - 1n) / 64n;
    const next = wraps ? (begin / 64n + 1n) * 64n + size : begin + size;
    const at = text + (wraps ? 0n : begin % 64n);
    this.words.write(at, id);
    this.words.writeBytes(at + 8n, message);
    this.#place = next;
    this.describe(id, begin, next, state);
    const info = infos + 24n * (id % 8n);
    this.words.write(info, id + 100n, id * 1_000_000n);
    this.words.writeBytes(info + 16n, Uint8Array.of(message.length, 0, 0, (6 << 5) | 3));
    this.words.writeBytes(info + 20n, new Uint8Array(Uint32Array.of(caller).buffer));
    return this;
  }

  describe(id: bigint, begin: bigint, next: bigint, state = finalized): void {
    this.words.write(descriptors + 24n * (id % 8n), (state << 62n) | id, begin, next);
  }
}

const texts = (records: readonly LogRecord[] | undefined) => records?.map((record) => record.text);

describe('the log of Linux 5.10 and newer', () => {
  it('has the messages from tail to head with time, level and caller', () => {
    const { words } = new Ring(8n, 9n).add(8n, 'one\ntwo\n').add(9n, 'three', committed, 0x8000_0002 | 0);
    assert.deepEqual(read(since510, words), [
      { sequence: 108n, nanoseconds: 8_000_000n, level: 6, facility: 0, caller: 'T1', text: 'one\ntwo' },
      { sequence: 109n, nanoseconds: 9_000_000n, level: 6, facility: 0, caller: 'C2', text: 'three' },
    ]);
    assert.deepEqual(texts(read(since510, words, 1)), ['three']);
    assert.deepEqual(texts(read(since510, words, 0)), []);
  });

  it('has the text of a block that wraps at the start of the ring', () => {
    const { words } = new Ring(8n, 10n)
      .add(8n, 'sixteen bytes ..')
      .add(9n, 'sixteen more ...')
      .add(10n, 'does not fit');
    // The first one's text was overwritten by the one that wrapped: its block has another id.
    assert.deepEqual(texts(read(since510, words)), ['sixteen more ...', 'does not fit']);
  });

  it('leaves out what is being written, what is reused, and what lost its text, and keeps an empty line', () => {
    const made = new Ring(8n, 12n).add(8n, 'a').add(9n, 'b', reserved).add(10n, 'c').add(12n, 'e');
    made.describe(10n, 1n, 1n);
    made.words.write(infos + 24n * 3n, 111n, 0n, 0n);
    made.describe(11n, 3n, 3n);
    assert.deepEqual(texts(read(since510, made.words)), ['a', '', 'e']);
    // A descriptor of the round before is none of this one.
    made.describe(4n, 0n, 16n);
    assert.deepEqual(texts(read(since510, made.words)), ['a', '']);
  });

  it('writes what a terminal must not see as escapes', () => {
    const { words } = new Ring(8n, 8n).add(8n, 'a\u001b[2Jb\tc\u007f');
    assert.deepEqual(texts(read(since510, words)), ['a\\x1b[2Jb\tc\\x7f']);
  });

  it('ends, whatever memory holds', () => {
    const word = fc.oneof(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.bigInt({ min: 0n, max: 80n }));
    fc.assert(
      fc.property(fc.array(word, { minLength: 40, maxLength: 40 }), (random) => {
        const { words } = new Ring(0n, 7n);
        random.slice(0, 24).forEach((value, n) => words.write(descriptors + 8n * BigInt(n), value));
        words.write(infos, ...random, ...random);
        words.write(text, ...random.slice(0, 8));
        words.write(ring + 24n, random[24]!, random[25]!, random[26]! & 0x3fn);
        read(since510, words);
        assert.ok(words.read < 100_000);
      }),
    );
  });
});

describe('the log before Linux 5.10', () => {
  const buffer = text;
  function log(first: number, next: number, length = 128): Words {
    const words = new Words();
    words.write(image, buffer, BigInt(length), BigInt(first), BigInt(next), 7n);
    words.write(buffer, ...Array<bigint>(16).fill(0n));
    return words;
  }
  function add(words: Words, at: number, message: string, size = 24 + ((message.length + 7) & ~7)): void {
    words.write(buffer + BigInt(at), 5_000_000n);
    words.writeBytes(buffer + BigInt(at + 8), Uint8Array.of(size, 0, message.length, 0, 0, 0, 0, 6 << 5));
    words.writeBytes(buffer + BigInt(at + 16), Uint8Array.of(1, 0, 0, 0));
    words.writeBytes(buffer + BigInt(at + 24), message);
  }

  it('has the messages from the first to the next one, over the end of the buffer', () => {
    const words = log(64, 32);
    add(words, 64, 'old');
    add(words, 0, 'newer');
    assert.deepEqual(read(until59, words), [
      { sequence: 7n, nanoseconds: 5_000_000n, level: 6, facility: 0, caller: 'T1', text: 'old' },
      { sequence: 8n, nanoseconds: 5_000_000n, level: 6, facility: 0, caller: 'T1', text: 'newer' },
    ]);
    assert.deepEqual(texts(read(until59, words, 1)), ['newer']);
  });

  it('ends at a message that is longer than what is left, and at a buffer of zeros', () => {
    const words = log(0, 64);
    add(words, 0, 'good');
    add(words, 32, 'bad', 120);
    assert.deepEqual(texts(read(until59, words)), ['good']);
    assert.deepEqual(read(until59, log(64, 32)), []);
  });

  it('ends, whatever memory holds', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 128, maxLength: 128 }),
        fc.nat(200),
        fc.nat(200),
        (bytes, first, next) => {
          const words = log(first, next);
          words.writeBytes(buffer, bytes);
          read(until59, words);
          assert.ok(words.read < 100_000);
        },
      ),
    );
  });
});

it('a kernel without a log that is known has none', () => {
  assert.equal(read(programWith({}, {}), new Words()), undefined);
  assert.equal(read(programWith({ prb: image }, {}), new Words()), undefined);
});
