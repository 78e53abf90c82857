import assert from 'node:assert/strict';
import type { MachineExit } from '../api';
import { GuestMemory, RAM_BASE } from '../core/guest-memory';
import { Htif } from './htif';

const TOHOST = RAM_BASE + 0x1000;
const FROMHOST = TOHOST + 0x40;
const CALL = RAM_BASE + 0x2000;
const TEXT = RAM_BASE + 0x3000;

describe('host-target interface', () => {
  let memory: GuestMemory;
  let output: string;
  let input: number[];
  let exits: MachineExit[];
  let htif: Htif;
  beforeEach(() => {
    memory = new GuestMemory(1 << 20);
    [output, input, exits] = ['', [], []];
    htif = connect(FROMHOST);
  });

  const connect = (fromhost: number | undefined) =>
    new Htif(
      { tohost: TOHOST, fromhost },
      {
        memory,
        writeConsole: (bytes) => (output += Buffer.from(bytes).toString()),
        readConsole: () => input.shift(),
        end: (exit) => exits.push(exit),
      },
    );
  const store = (address: number, ...words: readonly bigint[]) =>
    memory.write(address, new Uint8Array(BigUint64Array.from(words).buffer));
  const load = (address: number) => new BigInt64Array(memory.read(address, 8)!.buffer)[0]!;
  const request = (value: bigint) => {
    store(TOHOST, value);
    htif.poll();
  };
  const call = (...words: readonly bigint[]) => {
    store(CALL, ...words, 0n, 0n, 0n);
    request(BigInt(CALL));
    const answered = load(FROMHOST);
    store(FROMHOST, 0n);
    assert.equal(answered, 1n);
    return load(CALL);
  };

  it('does nothing without a request', () => {
    htif.poll();
    assert.deepEqual([output, exits, load(TOHOST), load(FROMHOST)], ['', [], 0n, 0n]);
  });

  it('ends the program with the code in the upper bits of an odd value', () => {
    request(1n);
    request((1337n << 1n) | 1n);
    request(1n << 48n);
    assert.deepEqual(exits, [
      { kind: 'htif', code: 0 },
      { kind: 'htif', code: 1337 },
    ]);
  });

  it('prints characters and takes the request away', () => {
    for (const character of 'ok') request((0x0101n << 48n) | BigInt(character.charCodeAt(0)));
    assert.equal(output, 'ok');
    assert.equal(load(TOHOST), 0n);
    assert.equal(load(FROMHOST), 0n, 'nobody waits for an answer to that');
  });

  it('answers a read when there is a character', () => {
    request(0x0100n << 48n);
    assert.deepEqual([load(TOHOST), load(FROMHOST), htif.state()], [0n, 0n, [1]]);
    input = [0x41];
    htif.poll();
    assert.deepEqual([load(FROMHOST), htif.state()], [0x0100_0000_0000_0141n, [0]]);
  });

  it('writes to standard output and error for the program', () => {
    memory.write(TEXT, Buffer.from('hello, host'));
    assert.equal(call(64n, 1n, BigInt(TEXT), 5n), 5n);
    assert.equal(call(64n, 2n, BigInt(TEXT + 5), 6n), 6n);
    assert.equal(output, 'hello, host');
  });

  it('gives the errors of Linux for other files, memory that is none, and other calls', () => {
    assert.equal(call(64n, 3n, BigInt(TEXT), 5n), -9n);
    assert.equal(call(64n, 1n, 0x1000n, 5n), -14n);
    assert.equal(call(64n, 1n, BigInt(TEXT), 1n << 60n), -14n);
    assert.equal(call(64n, 1n, (1n << 64n) - 1n, 1n), -14n);
    assert.equal(call(57n, 1n, 0n, 0n), -38n);
    assert.equal(output, '');
  });

  it('ends the program with the code of its call to exit', () => {
    store(CALL, 93n, 3n, 0n, 0n);
    request(BigInt(CALL));
    store(CALL, 93n, 1n << 63n, 0n, 0n);
    request(BigInt(CALL));
    assert.deepEqual(
      exits.map(({ code }) => code),
      [3, Number.MAX_SAFE_INTEGER],
    );
  });

  it('waits with a request until the answer to the one before is fetched', () => {
    store(FROMHOST, 1n);
    request(3n);
    assert.deepEqual([exits, load(TOHOST)], [[], 3n]);
    store(FROMHOST, 0n);
    htif.poll();
    assert.equal(exits.length, 1);
  });

  it('needs no fromhost to print and to end', () => {
    htif = connect(undefined);
    request((0x0101n << 48n) | 0x41n);
    store(CALL, 64n, 1n, BigInt(TEXT), 0n);
    request(BigInt(CALL));
    request(1n);
    assert.deepEqual([output, exits.length], ['A', 1]);
  });

  it('takes no harm from requests for nothing, and from addresses that are none', () => {
    for (const value of [2n, 0xffff_ffff_ffff_fffen, 0x00ff_8000_0000_0000n, 0x0105n << 48n, 7n << 56n])
      request(value);
    assert.deepEqual([output, exits], ['', []]);
  });
});
