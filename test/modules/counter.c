/* The larger file of the test's module: code in two sections, data in five, inlined functions, variables of every place. */
#include "counter.h"

#define section(name) __attribute__((section(name)))
#define noinline __attribute__((noinline))

struct reading last = { .when = 3, .values = { 1, 2, 3, 4 }, .kind = 5 };
long readings;
static enum mood mood = BUSY;
static const char *const names[] = { "calm", "busy" };
const int limits[3] = { 10, 20, 30 };
long local_count section(".data..percpu") = 4;

static noinline int sum(const struct reading *one, int factor)
{
  int total = 0;
  for (int i = 0; i < 4; i++) {
    int part = scaled(one->values[i], factor);
    total += part;
  }
  return total;
}

noinline int counter_read(int factor)
{
  struct reading now = last;
  now.when = readings++;
  int total = sum(&now, factor);
  if (total > limits[2])
    mood = CALM;
  return keep(&now, total) + names[mood != CALM][0];
}

section(".init.text") int counter_init(int factor)
{
  int first = counter_read(factor);
  last.kind = 1;
  return first;
}
