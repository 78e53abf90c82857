/* A program whose test 11 fails. */
#include "physical.h"
  TEST(10, a0, 5, li a0, 5)
  TEST(11, a0, 6, li a0, 5)
  PASS
