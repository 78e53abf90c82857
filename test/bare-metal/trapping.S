/* A program that meets a trap it does not expect: it fails with number 1337 >> 1. */
#include "physical.h"
  TEST(2, a0, 5, li a0, 5)
  ebreak
  PASS
