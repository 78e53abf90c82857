/** Values of parameters and variables of Linux, compiled with optimization, beside those that gdb prints of the same kernel in QEMU. */
import assert from 'node:assert/strict';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import { launch } from '../../debug-adapter/debugger/launch';
import { linuxInitrd, linuxKernel, skipByName } from '../linux/linux.test-support';
import { addressesOf, gdbValues, ownValues, pairsOf, unknown, type Pair } from './frame-values';
import { linuxImage } from './linux-image';
import { missingTools } from './qemu-walk';

/** Functions that one boot calls first in the same way whatever the time is. */
const places = [
  ...['parse_early_param', 'parse_args', 'fdt_offset_ptr', 'unflatten_dt_nodes', 'alloc_large_system_hash'],
  ...['kmem_cache_init', '__kmem_cache_create_args', 'vfs_caches_init', 'register_filesystem'],
  ...['proc_register', 'kernfs_new_node', 'kobject_add_internal', 'do_one_initcall', 'class_register'],
  ...['platform_device_add', 'device_add', 'driver_probe_device', 'really_probe', 'register_chrdev_region'],
  ...['bus_add_driver', 'kthread_create_on_node', 'alloc_workqueue_noprof', 'console_init'],
  ...['register_console', 'uart_add_one_port', 'unpack_to_rootfs', 'kernel_execve', 'load_elf_binary'],
  ...['do_mmap', 'handle_mm_fault', 'do_sys_openat2', 'path_openat', 'kernel_clone', 'copy_process'],
  ...['wake_up_new_task', 'do_exit', 'do_wait', 'vsnprintf', 'number', 'format_decode'],
  ...['get_page_from_freelist', '__alloc_frozen_pages_noprof'],
];

const append = 'console=ttyS0';

/** What QEMU and OpenSBI lay out differently: the linear map, where the device tree is in it, and the user's random stack. */
const addressSpaces = [/^ff60/, /^ff1bf/, /^7fff/];
/** Other variables that differ, and why. */
const others: Readonly<Record<string, string>> = {
  'early_init_dt_verify: dt_phys': 'the physical address of the device tree',
  'unflatten_dt_nodes: depth': 'in memory of the stack that nobody has written yet',
};

describe('variables of Linux', function () {
  this.timeout(120_000);

  it('are those that gdb sees in QEMU, in each frame and inlined function', async function () {
    const elf = linuxKernel(this, 'metadata');
    const missing = missingTools();
    if (missing !== undefined) return skipByName(this, missing);
    const image = linuxImage(elf);
    if (image === undefined) return skipByName(this, 'riscv64-linux-gnu-objcopy not installed');
    const machine = {
      program: elf,
      initrd: linuxInitrd,
      append,
      memory: '128M',
      maxInstructions: 300_000_000,
    };
    const debuggee = await launch(machine, createNodeFiles());
    const addresses = await addressesOf(debuggee, places);
    const qemu = ['-icount', 'shift=3', '-m', '128M', '-kernel', image, '-initrd', linuxInitrd];
    const [theirs, ours] = await Promise.all([
      gdbValues({ elf, options: [...qemu, '-append', append] }, addresses),
      ownValues(debuggee, addresses),
    ]);

    const pairs = pairsOf(places, addresses, { theirs, ours });
    const known = pairs.filter(({ own }) => own !== unknown);
    const unequal = known.filter((pair) => !isSame(pair));
    assert.deepEqual(unequal, []);
    const values = known.filter(({ value, own }) => value !== 'optimized out' && value === own);
    const gone = known.filter(({ value, own }) => value === 'optimized out' && value === own);
    assert.ok(values.length > 600 && gone.length > 400, `${values.length} values, ${gone.length} gone`);
    assert.ok(pairs.length - known.length < 120, `${pairs.length - known.length} are not known here`);
  });
});

function isSame({ where, name, value, own }: Pair): boolean {
  // gdb lists labels, and variables of blocks that were optimized away as a whole.
  if (own === undefined) return value === 'optimized out';
  if (own === value) return true;
  if (others[`${where.split(' ')[2]}: ${name}`] !== undefined) return true;
  return addressSpaces.some((space) => space.test(hex(own)) && space.test(hex(value)));
}

const hex = (value: string): string => (/^\d+$/.test(value) ? BigInt(value).toString(16) : '');
