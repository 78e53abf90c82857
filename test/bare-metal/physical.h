/*
 * The environment of riscv-tests' "p" programs: hart 0 runs the test in U-mode without paging, the number of the test at hand is in gp,
 * an ecall with gp = 1 passes, another one fails with that number.
 */
#define TEST(number, register, expected, ...)                                                                  \
  li gp, number;                                                                                               \
  __VA_ARGS__;                                                                                                 \
  li t6, expected;                                                                                             \
  bne register, t6, fail;

#define PASS                                                                                                   \
  li gp, 1;                                                                                                    \
  ecall;                                                                                                       \
  fail:                                                                                                        \
  slli gp, gp, 1;                                                                                              \
  ori gp, gp, 1;                                                                                               \
  ecall;

#include "host-interface.h"

  .section .text.init
  .globl _start
_start:
  csrr a0, mhartid
1:
  bnez a0, 1b
  la t0, trap
  csrw mtvec, t0
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f /* all of memory: NAPOT, RWX */
  csrw pmpcfg0, t0
  csrwi mstatus, 0
  la t0, test
  csrw mepc, t0
  mret

  .align 2
trap:
  csrr t5, mcause
  li t6, 8 /* environment call from U-mode */
  beq t5, t6, report
  li t6, 2 /* illegal instruction: skipped, counted in s11 */
  bne t5, t6, unexpected
  addi s11, s11, 1
  csrr t5, mepc
  addi t5, t5, 4
  csrw mepc, t5
  mret
unexpected:
  li gp, 1337
report:
  la t5, tohost
  sw gp, 0(t5)
  sw zero, 4(t5)
  j report

  .text
test:
