/*
 * In the manner of riscv-tests' "v" programs: the test runs in U-mode under Sv39 at address 0, its data pages are mapped when
 * they are first touched, and the handler prints a character for each through the host interface.
 */
#define TEST_DATA 0x400000

#include "host-interface.h"

  .section .text.init
  .globl _start
_start:
  csrr a0, mhartid
1:
  bnez a0, 1b
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  li t0, 0xb1ff /* exceptions of U-mode go to S-mode */
  csrw medeleg, t0
  la t0, handler
  csrw stvec, t0

  /* root[2]: RAM onto itself for S-mode. root[0] -> middle[0] -> leaf[0]: the test's code; middle[2] -> data: nothing yet. */
  la t0, root
  li t1, 0x200000cf
  sd t1, 16(t0)
  la t1, middle
  srli t1, t1, 2
  ori t1, t1, 1
  sd t1, 0(t0)
  la t0, middle
  la t1, leaf
  srli t1, t1, 2
  ori t1, t1, 1
  sd t1, 0(t0)
  la t1, data
  srli t1, t1, 2
  ori t1, t1, 1
  sd t1, 16(t0)
  la t0, leaf
  la t1, code
  srli t1, t1, 2
  ori t1, t1, 0x5b /* V R X U A */
  sd t1, 0(t0)
  la t0, root
  srli t0, t0, 12
  li t1, 8
  slli t1, t1, 60
  or t0, t0, t1
  csrw satp, t0
  sfence.vma
  la sp, stack
  csrw sscratch, sp
  li t0, 0
  csrw mepc, t0
  csrwi mstatus, 0
  mret

  .align 2
handler:
  csrrw sp, sscratch, sp
  sd t0, -8(sp)
  sd t1, -16(sp)
  sd t2, -24(sp)
  csrr t0, scause
  li t1, 8
  beq t0, t1, report
  li t1, 15 /* store page fault */
  bne t0, t1, unexpected
  csrr t0, stval
  li t1, TEST_DATA
  sub t0, t0, t1
  srli t0, t0, 12
  li t1, 4
  bgeu t0, t1, unexpected
  /* Page n of the data is frame n. */
  slli t1, t0, 10
  la t2, frames
  srli t2, t2, 2
  add t1, t1, t2
  ori t1, t1, 0xd7 /* V R W U A D */
  slli t0, t0, 3
  la t2, data
  add t2, t2, t0
  sd t1, 0(t2)
  sfence.vma
  /* One character: device 1, command 1. */
  la t0, tohost
  srli t1, t1, 10
  andi t1, t1, 3
  addi t1, t1, '0'
  li t2, 0x0101
  slli t2, t2, 48
  or t1, t1, t2
2:
  ld t2, 0(t0)
  bnez t2, 2b
  sd t1, 0(t0)
  ld t0, -8(sp)
  ld t1, -16(sp)
  ld t2, -24(sp)
  csrrw sp, sscratch, sp
  sret
unexpected:
  li a0, 99
report:
  la t0, tohost
3:
  ld t1, 0(t0)
  bnez t1, 3b
  slli t1, a0, 1
  ori t1, t1, 1
  sd t1, 0(t0)
4:
  j 4b

  .text
  .align 12
code:
  li s0, TEST_DATA
  li s1, 0
5:
  sd s1, 0(s0)
  li t0, 0x1000
  add s0, s0, t0
  addi s1, s1, 1
  li t0, 4
  bne s1, t0, 5b
  li s0, TEST_DATA + 0x2000
  ld a0, 0(s0)
  addi a0, a0, -2 /* 0 passes */
  ecall

  .bss
  .align 12
root:
  .space 4096
middle:
  .space 4096
leaf:
  .space 4096
data:
  .space 4096
frames:
  .space 4 * 4096
  .space 4096
stack:
