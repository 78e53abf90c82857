/* What the files of the test's module share. */
struct reading {
  unsigned long when;
  int values[4];
  unsigned int kind : 3;
  unsigned int rest : 29;
};
enum mood { CALM, BUSY = 7 };

extern struct reading last;
extern long readings;
int keep(struct reading *one, int factor);

static inline int scaled(int value, int factor)
{
  int product = value * factor;
  return product + (product >> 3);
}
