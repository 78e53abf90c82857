/* Planets (doubles: sums, products, roots, quotients) and the Mandelbrot set (singles, fused multiply-add, comparisons, conversions). */
#include "bench.h"

#define BODIES 5
#define ROUNDS 12
#define STEPS 20000
#define SIZE 160
#define ITERATIONS 60

struct body {
	double x[3], v[3], mass;
};

/* Not in a page with code: stores to those are slow, which is not what is measured here. */
static struct body bodies[BODIES] __attribute__((aligned(4096)));

static void place(void)
{
	u64 state = 88172645463325252;
	for (int i = 0; i < BODIES; i++) {
		for (int k = 0; k < 3; k++) {
			bodies[i].x[k] = (double)(next_random(&state) >> 40) / (1 << 20) + 10.0 * i;
			bodies[i].v[k] = (double)(next_random(&state) >> 44) / (1 << 24);
		}
		bodies[i].mass = i == 0 ? 40.0 : 0.01 * i;
	}
}

static void step(double dt)
{
	for (int i = 0; i < BODIES; i++) {
		for (int j = i + 1; j < BODIES; j++) {
			double d[3], square = 1e-3;
			for (int k = 0; k < 3; k++) {
				d[k] = bodies[i].x[k] - bodies[j].x[k];
				square += d[k] * d[k];
			}
			double pull = dt / (square * __builtin_sqrt(square));
			for (int k = 0; k < 3; k++) {
				bodies[i].v[k] -= d[k] * bodies[j].mass * pull;
				bodies[j].v[k] += d[k] * bodies[i].mass * pull;
			}
		}
	}
	for (int i = 0; i < BODIES; i++)
		for (int k = 0; k < 3; k++)
			bodies[i].x[k] += dt * bodies[i].v[k];
}

/* How many points are in the set, and how long the others took. */
static u64 mandelbrot(void)
{
	u64 sum = 0;
	for (int row = 0; row < SIZE; row++) {
		for (int column = 0; column < SIZE; column++) {
			float cr = (float)column * (3.0f / SIZE) - 2.0f, ci = (float)row * (2.0f / SIZE) - 1.0f;
			float r = 0, i = 0;
			int count = 0;
			while (count < ITERATIONS && __builtin_fmaf(r, r, i * i) < 4.0f) {
				float next = __builtin_fmaf(r, r, cr) - i * i;
				i = __builtin_fmaf(2.0f * r, i, ci);
				r = next;
				count++;
			}
			sum = sum * 31 + (u64)count;
		}
	}
	return sum;
}

int main(void)
{
	union {
		double number;
		u64 bits;
	} sum = { 0 };
	u64 points = 0;

	place();
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < STEPS; i++)
			step(1e-3);
		points = points * 31 + mandelbrot();
	}
	for (int i = 0; i < BODIES; i++)
		for (int k = 0; k < 3; k++)
			sum.number += bodies[i].x[k] * (k + 1);
	return check(sum.bits ^ points, 0x2850d5865c5ae2a6);
}
