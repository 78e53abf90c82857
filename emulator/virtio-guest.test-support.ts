import { finish } from './machine.test-support';

/** Guest code: takes a virtio device at `base` through its initialization, queue 0 with 8 entries at `rings`. */
export const startVirtio = (base: number, queue = 0) => `
  li s1,${base}
  sw zero,0x70(s1)
  li t0,3
  sw t0,0x70(s1)
  li t0,1
  sw t0,0x24(s1)
  sw t0,0x20(s1)
  li t0,11
  sw t0,0x70(s1)
  li t0,${queue}
  sw t0,0x30(s1)
  li t0,8
  sw t0,0x38(s1)
  la t0,descriptors
  sw t0,0x80(s1)
  la t0,available
  sw t0,0x90(s1)
  la t0,used
  sw t0,0xa0(s1)
  li t0,1
  sw t0,0x44(s1)
  li t0,15
  sw t0,0x70(s1)`;

export const rings = (descriptors: string) => `
  .align 16
  descriptors:
  ${descriptors}
  available:
  .space 32
  .align 16
  used:
  .space 96
  .align 512`;

/** Guest code: makes descriptor 0 available and notifies. */
export const notify = (queue = 0) => `
  la t0,available
  lhu t1,2(t0)
  addi t1,t1,1
  sh t1,2(t0)
  li t0,${queue}
  sw t0,0x50(s1)`;

/** A descriptor as the `.dword`s of the guest's assembler: address, then length, flags and next. */
export const descriptor = (address: number, length: number, flags: number, next = 0) =>
  `.dword ${address}\n.dword ${BigInt(length) | (BigInt(flags) << 32n) | (BigInt(next) << 48n)}`;

export const DATA = 0x8010_0000;

/** Reads sector 1 of /dev/vda, adds one to its first byte, writes it back, reads it again into s2; interrupt 1 is pending then. */
export const diskProgram = `
  ${startVirtio(0x1000_1000)}
  li s2,${DATA}
  li t0,1
  sd t0,8(s2)
  ${notify()}
  lbu s3,16(s2)
  addi s3,s3,1
  sb s3,16(s2)
  la t0,descriptors
  li t1,1
  sh t1,28(t0)
  li t1,1
  sw t1,0(s2)
  ${notify()}
  sb zero,16(s2)
  sw zero,0(s2)
  la t0,descriptors
  li t1,3
  sh t1,28(t0)
  ${notify()}
  lbu s3,16(s2)
  li t0,0xc001000
  lw s4,0(t0)
  ${finish('zero')}
  ${rings(`${descriptor(DATA, 16, 1, 1)}\n${descriptor(DATA + 16, 512, 3, 2)}\n${descriptor(DATA + 528, 1, 2)}`)}`;
