/** Names of the calls that a kernel makes to its firmware (SBI 3.0): extension by a7, function by a6. */

interface Extension {
  readonly id: bigint;
  readonly name: string;
  /** By number. */
  readonly functions: string;
}

const extensions: readonly Extension[] = [
  {
    id: 0x10n,
    name: 'BASE',
    functions:
      'get_spec_version get_impl_id get_impl_version probe_extension get_mvendorid get_marchid get_mimpid',
  },
  { id: 0x54494d45n, name: 'TIME', functions: 'set_timer' },
  { id: 0x735049n, name: 'IPI', functions: 'send_ipi' },
  {
    id: 0x52464e43n,
    name: 'RFENCE',
    functions:
      'remote_fence_i remote_sfence_vma remote_sfence_vma_asid remote_hfence_gvma_vmid remote_hfence_gvma remote_hfence_vvma_asid remote_hfence_vvma',
  },
  { id: 0x48534dn, name: 'HSM', functions: 'hart_start hart_stop hart_get_status hart_suspend' },
  { id: 0x53525354n, name: 'SRST', functions: 'system_reset' },
  {
    id: 0x504d55n,
    name: 'PMU',
    functions:
      'num_counters counter_get_info counter_config_matching counter_start counter_stop counter_fw_read counter_fw_read_hi snapshot_set_shmem event_get_info',
  },
  { id: 0x4442434en, name: 'DBCN', functions: 'console_write console_read console_write_byte' },
  { id: 0x53555350n, name: 'SUSP', functions: 'system_suspend' },
  { id: 0x43505043n, name: 'CPPC', functions: 'probe read read_hi write' },
  { id: 0x535441n, name: 'STA', functions: 'steal_time_set_shmem' },
  { id: 0x46574654n, name: 'FWFT', functions: 'set get' },
  ...[
    'set_timer',
    'console_putchar',
    'console_getchar',
    'clear_ipi',
    'send_ipi',
    'remote_fence_i',
    'remote_sfence_vma',
    'remote_sfence_vma_asid',
    'shutdown',
  ].map((functions, id) => ({ id: BigInt(id), name: 'legacy', functions })),
];

/** `DBCN console_write`; numbers for what has no name. */
export function sbiCallName(extension: bigint, number: bigint): string {
  const found = extensions.find(({ id }) => id === extension);
  if (!found) return `extension 0x${extension.toString(16)}, function ${number}`;
  const functions = found.functions.split(' ');
  if (found.name === 'legacy') return `legacy ${found.functions}`;
  return `${found.name} ${number < 64n ? (functions[Number(number)] ?? number) : number}`;
}
