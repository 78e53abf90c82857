/** Breakpoints on functions that the compiler has cloned or inlined, beside those that gdb sets. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import type { Debuggee } from '../../debug-adapter/debugger/api';
import { launch } from '../../debug-adapter/debugger/launch';
import { resolveSpec } from '../../debug-adapter/debugger/resolve';
import { linuxKernel, skipByName } from './linux.test-support';

/** Inlined everywhere, once or several times. */
const inlined = [
  ...['init_waitqueue_func_entry', 'syscall_handler', 'faultin_page', 'regs_irqs_disabled'],
  ...['do_initcall_level', 'memmap_init_zone_range', 'kref_get'],
];
/** Of which there are clones, with and without a function of the name itself, and inlined copies. */
const cloned = ['devkmsg_emit', 'panic_on_rcu_stall', 'adjust_jiffies_till_sched_qs'];

describe('a breakpoint on a function of Linux', function () {
  this.timeout(60_000);
  let path: string;
  let debuggee: Debuggee;

  before(async function () {
    path = linuxKernel(this, 'metadata');
    debuggee = await launch({ program: path }, createNodeFiles());
  });

  it('that has clones or is inlined is in the same functions as gdb’s', async function () {
    if (spawnSync('gdb-multiarch', ['--version']).status !== 0)
      return skipByName(this, 'gdb-multiarch not installed');
    const names = [...inlined, ...cloned];
    const theirs = gdbBreakpoints(path, names);
    for (const name of names) {
      const resolution = await resolveSpec(debuggee, name);
      assert.ok(resolution.kind === 'resolved', name);
      const expected = functionsOf(debuggee, theirs.get(name)!);
      assert.deepEqual(functionsOf(debuggee, resolution.addresses), expected, name);
      assert.ok(resolution.addresses.length >= expected.length, name);
    }
  });

  it('that is inlined is in each copy of it', async () => {
    for (const name of inlined) {
      const resolution = await resolveSpec(debuggee, name);
      assert.ok(resolution.kind === 'resolved', name);
      for (const address of resolution.addresses) {
        const scopes = debuggee.program.debug!.functionsAt(address);
        assert.ok(
          scopes.some((scope) => scope.name === name),
          `${name} at ${address}`,
        );
      }
    }
  });

  it('that is inlined says in how many places', async () => {
    const resolution = await resolveSpec(debuggee, 'regs_irqs_disabled');
    assert.ok(resolution.kind === 'resolved');
    assert.equal(resolution.description, 'regs_irqs_disabled, inlined in 3 places');
  });

  it('that has a clone beside itself is in both', async () => {
    const resolution = await resolveSpec(debuggee, '__show_regs');
    assert.ok(resolution.kind === 'resolved');
    assert.deepEqual(functionsOf(debuggee, resolution.addresses), ['__show_regs', '__show_regs.part.0']);
  });

  it('that has no code of its own has no offsets', async () => {
    for (const name of ['devkmsg_emit+0x4', 'regs_irqs_disabled+0x4']) {
      const resolution = await resolveSpec(debuggee, name);
      assert.ok(resolution.kind === 'unresolved', name);
      assert.match(resolution.reason, /has no code of its own in this program, .* leave out the offset/);
    }
  });

  it('that is inlined too often is refused', async () => {
    const resolution = await resolveSpec(debuggee, 'spin_lock');
    assert.ok(resolution.kind === 'unresolved');
    assert.match(resolution.reason, /^'spin_lock' is inlined in more than 512 places/);
  });
});

function functionsOf({ program }: Debuggee, addresses: readonly bigint[]): readonly string[] {
  return [...new Set(addresses.map((address) => program.symbols.at(address)?.name ?? '?'))].sort();
}

/** Addresses of gdb's breakpoints by the name that was asked for. */
function gdbBreakpoints(path: string, names: readonly string[]): ReadonlyMap<string, readonly bigint[]> {
  const commands = ['set pagination off', ...names.map((name) => `break ${name}`), 'info breakpoints'];
  const { stdout } = spawnSync(
    'gdb-multiarch',
    ['-nx', '-batch', ...commands.flatMap((command) => ['-ex', command]), path],
    { encoding: 'utf8', maxBuffer: 1 << 24 },
  );
  const found = new Map<string, bigint[]>(names.map((name) => [name, []]));
  for (const [, number, address] of stdout.matchAll(/^(\d+)(?:\.\d+)? .*?(0x[0-9a-f]{16})/gm)) {
    found.get(names[Number(number) - 1]!)?.push(BigInt(address!));
  }
  return found;
}
