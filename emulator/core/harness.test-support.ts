import { guest } from '../guest.test-support';
import { POWER_OFF, TEST_DEVICE } from './qemu.test-support';

/** Offsets in the record of one experiment, which the outcome replaces. The place of x0 holds mstatus. */
export const Field = {
  pc: 0,
  mstatus: 8,
  x: 8,
  fcsr: 264,
  f: 272,
  data: 528,
  cause: 784,
  tval: 792,
} as const;
export const RECORD_SIZE = 800;
export const DATA_WORDS = 32;

export const FS_DIRTY = 3n << 13n;

interface Layout {
  /** Records at `[first, end)`. */
  readonly first: number;
  readonly end: number;
  /** The memory that is loaded before an experiment and stored after it. */
  readonly data: number;
  /** Whether there are floating-point registers. */
  readonly float: boolean;
}

const lines = (indices: readonly number[], line: (index: number) => string): string =>
  indices.map(line).join('\n');
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** All but x0 and sp, which points to the record. */
const general = upTo(32).filter((index) => index !== 0 && index !== 2);
const floatNames = [
  ...upTo(8).map((index) => `ft${index}`),
  ...['fs0', 'fs1'],
  ...upTo(8).map((index) => `fa${index}`),
  ...upTo(10).map((index) => `fs${index + 2}`),
  ...upTo(4).map((index) => `ft${index + 8}`),
];

/** `sd`, `ld` and their like between registers and the record at sp. */
const integers = (operation: string): string =>
  lines(general, (index) => `${operation} x${index},${Field.x + index * 8}(sp)`);
const floats = (operation: string): string =>
  lines(upTo(32), (index) => `${operation} ${floatNames[index]},${Field.f + index * 8}(sp)`);
const copy = (from: string, to: string): string =>
  lines(upTo(DATA_WORDS), (index) => `ld t2,${index * 8}(${from})\nsd t2,${index * 8}(${to})`);

/** Code for the start of RAM that makes the experiments one after the other and then powers the board off. */
export function harness({ first, end, data, float }: Layout): Uint8Array {
  const loadFloat = `${floats('fld')}\nld t0,${Field.fcsr}(sp)\ncsrw fcsr,t0`;
  const storeFloat = `${floats('fsd')}\ncsrr t0,fcsr\nsd t0,${Field.fcsr}(sp)`;
  const source = `
    la t0,handler
    csrw mtvec,t0
    li t0,0x3fffffffffffff
    csrw pmpaddr0,t0
    li t0,0x1f
    csrw pmpcfg0,t0
    li sp,${first}

    next:
    csrw mscratch,sp
    li t0,${end}
    bltu sp,t0,load
    li t0,${TEST_DEVICE}
    li t1,${POWER_OFF}
    sw t1,0(t0)
    stay:
    j stay

    load:
    li t0,${data}
    addi t1,sp,${Field.data}
    ${copy('t1', 't0')}
    li t0,${FS_DIRTY}
    csrw mstatus,t0
    ${float ? loadFloat : ''}
    ld t0,${Field.pc}(sp)
    csrw mepc,t0
    ld t0,${Field.mstatus}(sp)
    csrw mstatus,t0
    ${integers('ld')}
    ld sp,${Field.x + 2 * 8}(sp)
    mret

    .align 4
    handler:
    csrrw sp,mscratch,sp
    ${integers('sd')}
    csrr t0,mscratch
    sd t0,${Field.x + 2 * 8}(sp)
    csrr t0,mepc
    sd t0,${Field.pc}(sp)
    csrr t0,mcause
    sd t0,${Field.cause}(sp)
    csrr t0,mtval
    sd t0,${Field.tval}(sp)
    csrr t0,mstatus
    sd t0,${Field.mstatus}(sp)
    li t0,${FS_DIRTY}
    csrw mstatus,t0
    ${float ? storeFloat : ''}
    li t0,${data}
    addi t1,sp,${Field.data}
    ${copy('t0', 't1')}
    addi sp,sp,${RECORD_SIZE}
    j next`;
  return guest(source).image.segments[0]!.data;
}
