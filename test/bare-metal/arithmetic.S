/* A program that passes. */
#include "physical.h"
  TEST(2, a0, 0xffffffffffffffff, li a1, 0; addi a0, a1, -1)
  TEST(3, a0, 0x800, li a1, 1; slliw a0, a1, 11)
  TEST(4, a0, 0xffffffff80000000, li a1, 1; slliw a0, a1, 31)
  TEST(5, a0, 0xfffffffffffffffe, li a1, -1; li a2, 3; mulhsu a0, a1, a2; slli a0, a0, 1)
  TEST(6, a0, 0xffffffffffffffff, li a1, 7; div a0, a1, zero)
  TEST(7, s11, 1, csrr a0, mstatus)
  PASS
