import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from '../symbols/api';
import type { Debuggee, ResolvedSpec } from './api';
import { locate, formatLocation } from './location';
import { codeLines, resolveAddress, resolveLine, resolveSpec } from './resolve';
import { sampleFolder, sampleProgram } from './sample-program.test-support';

const debuggee = sampleProgram();
const { symbols } = debuggee.program;

async function resolve(spec: string): Promise<ResolvedSpec> {
  const resolution = await resolveSpec(debuggee, spec);
  if (resolution.kind === 'unresolved') assert.fail(resolution.reason);
  return resolution;
}

async function reason(spec: string): Promise<string> {
  const resolution = await resolveSpec(debuggee, spec);
  return resolution.kind === 'unresolved' ? resolution.reason : assert.fail(resolution.description);
}

function symbol(name: string): bigint {
  return symbols.named(name)[0]!.address;
}

/** `symbol+0xoff/0xsize` of an address. */
function nameOf(address: bigint): string {
  return formatLocation(locate(debuggee, address, { bare: false }));
}

/** 1-based number of the only line of a source that contains `text`. */
function lineOf(file: string, text: string): number {
  const lines = readFileSync(join(sampleFolder, file), 'utf8').split('\n');
  const index = lines.findIndex((line) => line.includes(text));
  assert.ok(index >= 0, `${file} has no line '${text}'`);
  return index + 1;
}

describe('a breakpoint SPEC', () => {
  it('that names a label is armed at its virtual and its physical address', async () => {
    const { addresses, armed, description } = await resolve('handle_exception');
    const address = symbol('handle_exception');
    const physical = address - debuggee.kernel.bootOffset;
    assert.deepEqual(addresses, [address]);
    assert.deepEqual(armed, [address, BigInt.asUintN(64, physical)]);
    assert.match(description, /^handle_exception at 0xffffffff8.*, also 0x80.* before the MMU is on$/);
  });

  it('that names a C function stops behind its prologue, where the caller is in the frame record', async () => {
    const { addresses } = await resolve('do_page_fault');
    const entry = symbol('do_page_fault');
    const offset = addresses[0]! - entry;
    assert.ok(offset > 0n && offset < 0x20n, nameOf(addresses[0]!));
  });

  it('with an offset, as in a kernel trace, is that very address', async () => {
    const entry = symbol('do_page_fault');
    const size = symbols.named('do_page_fault')[0]!.size;
    assert.deepEqual((await resolve('do_page_fault+0x0')).addresses, [entry]);
    assert.deepEqual((await resolve('do_page_fault+0x4')).addresses, [entry + 4n]);
    assert.deepEqual((await resolve(`do_page_fault+0x4/0x${size.toString(16)}`)).addresses, [entry + 4n]);
  });

  it('from another build’s trace is refused', async () => {
    assert.match(await reason('do_page_fault+0x4/0xfffe'), /bytes long in this program, not 0xfffe/);
  });

  it('with an offset beyond the function is refused', async () => {
    assert.match(await reason('do_page_fault+0xffff'), /lies beyond its end/);
  });

  it('may name a local label of an assembly source', async () => {
    const { addresses, source } = await resolve('.Lcall_handler');
    assert.match(nameOf(addresses[0]!), /^handle_exception\+/);
    assert.equal(source?.line, lineOf('entry.S', '.Lcall_handler:'));
  });

  it('file:line is moved to the next line with code', async () => {
    const label = lineOf('entry.S', 'handle_exception:');
    const { addresses, source } = await resolve(`entry.S:${label}`);
    assert.deepEqual(addresses, [symbol('handle_exception')]);
    assert.equal(source?.line, label + 1);
    assert.deepEqual((await resolve(`sample-kernel/entry.S:${label}`)).addresses, addresses);
    assert.deepEqual((await resolve(`${join(sampleFolder, 'entry.S')}:${label}`)).addresses, addresses);
  });

  it('of a line behind the last code is refused', async () => {
    assert.match(await reason('entry.S:99999'), /No code lies at or below line 99999/);
  });

  it('*address of the kernel is armed at its physical address, too', async () => {
    const address = symbol('handle_exception');
    const { armed } = await resolve(`*0x${address.toString(16)}`);
    assert.equal(armed.length, 2);
  });

  it('*address that is physical or a user’s is armed alone', async () => {
    assert.deepEqual((await resolve('*0x80200000')).armed, [0x80200000n]);
    assert.deepEqual((await resolve('*0x10000')).armed, [0x10000n]);
  });

  it('in init text is said to be gone some day, and refused once it is', async () => {
    const { kernel } = debuggee;
    const before = await resolve('start_kernel');
    assert.match(before.description, /, in init text, freed after boot$/);
    assert.doesNotMatch((await resolve('handle_exception')).description, /init text/);
    const freed: Debuggee = {
      ...debuggee,
      kernel: new Proxy(kernel, {
        get: (real, name) => {
          const value: unknown = name === 'initFreed' || Reflect.get(real, name, real);
          return typeof value === 'function' ? (value.bind(real) as unknown) : value;
        },
      }),
    };
    const after = await resolveSpec(freed, 'start_kernel');
    assert.ok(after.kind === 'unresolved');
    assert.match(after.reason, /start_kernel is in init text, which the kernel has freed/);
    assert.equal((await resolveSpec(freed, 'handle_exception')).kind, 'resolved');
  });

  it('*address that is odd is refused', () => {
    assert.equal(resolveAddress(debuggee, 0x10001n).kind, 'unresolved');
  });

  it('with wildcards is one breakpoint at all functions of such a name', async () => {
    const { addresses, armed, description } = await resolve('do_page_*');
    const names = addresses.map((address) => symbols.at(address)!.name);
    assert.ok(names.length >= 1 && names.every((name) => name.startsWith('do_page_')), names.join());
    assert.equal(armed.length, 2 * addresses.length);
    assert.match(description, /^do_page_\*: \d+ functions?: .*do_page_fault/);
    assert.deepEqual((await resolve('do_page_faul?')).addresses, (await resolve('do_page_fault')).addresses);
    const everywhere = await resolve('handle_*');
    assert.ok(everywhere.addresses.length > 1 && everywhere.addresses.includes(symbol('handle_exception')));
  });

  it('with wildcards is refused where there is nothing of that name, or far too much', async () => {
    assert.match(await reason('nosuch_*'), /^No function or label is called 'nosuch_\*'/);
    const many = Array.from({ length: 600 }, () => symbols.named('handle_exception')[0]!);
    const program = Object.create(debuggee.program, { symbols: { value: { symbols: many } } }) as Program;
    const refused = await resolveSpec({ ...debuggee, program }, 'h*');
    assert.ok(refused.kind === 'unresolved');
    assert.match(refused.reason, /^600 functions are called 'h\*', and a breakpoint can have 512/);
  });

  it('0x… is an address, too', async () => {
    assert.deepEqual((await resolve('0x80200000')).armed, [0x80200000n]);
  });

  it('that is mistyped gets a suggestion', async () => {
    assert.match(await reason('handle_exceptoin'), /Did you mean 'handle_exception'\?/);
    assert.match(await reason('enty.S:12'), /Did you mean 'entry.S'\?/);
  });

  it('that names data is refused', async () => {
    assert.match(await reason('init_task'), /not code/);
  });

  it('that is no SPEC is refused with its forms', async () => {
    assert.match(await reason('a b c'), /symbol\+0xoffset/);
    assert.match(await reason(''), /empty/);
  });
});

describe('a gutter breakpoint', () => {
  it('in a file on this machine reports the line where it is', async () => {
    const path = join(sampleFolder, 'head.S');
    const label = lineOf('head.S', 'relocate_enable_mmu:');
    const resolution = await resolveLine(debuggee, path, label);
    assert.ok(resolution.kind === 'resolved');
    assert.equal(resolution.addresses[0], symbol('relocate_enable_mmu'));
    assert.ok(resolution.source!.line > label);
    assert.equal(resolution.armed.length, 2);
  });

  it('on a function’s opening line stops behind the prologue', async () => {
    const path = join(sampleFolder, 'traps.c');
    const line = lineOf('traps.c', 'handle_bad_stack(');
    const resolution = await resolveLine(debuggee, path, line);
    assert.ok(resolution.kind === 'resolved');
    assert.match(nameOf(resolution.addresses[0]!), /^handle_bad_stack\+0x[1-9a-f]/);
    assert.equal(resolution.source?.line, line + 1, 'the line of the opening brace');
  });

  it('in a file that the program has no code of says so', async () => {
    const resolution = await resolveLine(debuggee, '/elsewhere/other.S', 1);
    assert.ok(resolution.kind === 'unresolved');
    assert.match(resolution.reason, /No code of this program comes from \/elsewhere\/other\.S/);
  });

  it('may be set on the lines that have code', async () => {
    const lines = await codeLines(debuggee, join(sampleFolder, 'entry.S'));
    const label = lineOf('entry.S', 'handle_exception:');
    assert.ok(lines.includes(label + 1) && !lines.includes(label));
    assert.deepEqual(
      lines,
      lines.toSorted((a, b) => a - b),
    );
  });
});

describe('a location', () => {
  const entry = symbol('handle_exception');

  it('is printed as in a kernel trace', () => {
    assert.match(nameOf(entry + 4n), /^handle_exception\+0x4\/0x[0-9a-f]+$/);
  });

  it('before the MMU is on is found at its physical address and shown as such', () => {
    const physical = BigInt.asUintN(64, entry - debuggee.kernel.bootOffset);
    const location = locate(debuggee, physical, { bare: true });
    assert.equal(location.symbol, 'handle_exception');
    assert.match(formatLocation(location), /^handle_exception\+0x0\/0x[0-9a-f]+ \[physical 0x80[0-9a-f]+\]$/);
    assert.equal(locate(debuggee, physical, { bare: false }).symbol, undefined);
  });

  it('of a return address has the line of the call and the name of the address itself (R17)', () => {
    const line = lineOf('entry.S', 'call\tdo_irq');
    const call = debuggee.program.lines!.addresses('/sample-kernel/entry.S', line)[0]!;
    const row = debuggee.program.lines!.at(call)!;
    const location = locate(debuggee, row.end, { bare: false, isReturnAddress: true });
    assert.equal(location.source?.line, line);
    assert.equal(BigInt(location.offset), row.end - entry);
  });

  it('outside every symbol is the address', () => {
    assert.equal(nameOf(0x1234n), '0x1234');
  });
});
