/* The first process of a guest that looks at its own machine: what the kernel says of the harts, sleeps, affinity, hotplug, the end. */
#include "guest.h"

enum {
	NR_faccessat = 48, NR_nanosleep = 101, NR_clock_gettime = 113, NR_sched_setaffinity = 122, NR_sched_yield = 124,
	NR_getcpu = 168, NR_mmap = 222,
};
enum { PROT_READ = 1, PROT_WRITE = 2, MAP_PRIVATE = 2, MAP_ANONYMOUS = 32, PAGE = 4096 };
enum { CLOCK_MONOTONIC = 1 };

struct timespec { s64 seconds, nanoseconds; };

static void sleep_for(s64 milliseconds)
{
	struct timespec wanted = { milliseconds / 1000, milliseconds % 1000 * 1000000 }, before, after;
	call(NR_clock_gettime, CLOCK_MONOTONIC, (u64)&before, 0, 0, 0);
	call(NR_nanosleep, (u64)&wanted, 0, 0, 0, 0);
	call(NR_clock_gettime, CLOCK_MONOTONIC, (u64)&after, 0, 0, 0);
	print("slept ");
	print_number((after.seconds - before.seconds) * 1000000 + (after.nanoseconds - before.nanoseconds) / 1000);
	print(" us of ");
	print_number(milliseconds * 1000);
	print("\n");
}

/* Moves to each CPU in turn: the kernel wakes its migration thread with an interrupt between processors. */
static void visit_all(void)
{
	for (u64 cpu = 0; cpu < 8; cpu++) {
		u64 set = 1ul << cpu;
		unsigned int here = ~0u;
		if (call(NR_sched_setaffinity, 0, sizeof set, (u64)&set, 0, 0) != 0) continue;
		call(NR_getcpu, (u64)&here, 0, 0, 0, 0);
		print("on cpu ");
		print_number(here == cpu ? (s64)cpu : -1);
		print("\n");
	}
	u64 all = 0xff;
	call(NR_sched_setaffinity, 0, sizeof all, (u64)&all, 0, 0);
}

/* Page faults, system calls and sleeps by turns, each many times. */
static void work(u64 rounds)
{
	volatile char *memory = (volatile char *)call(NR_mmap, 0, rounds * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (u64 round = 0; round < rounds; round++) {
		memory[round * PAGE] = 1;
		call(NR_sched_yield, 0, 0, 0, 0, 0);
		if (round % 8 == 0) {
			struct timespec wanted = { 0, 100000 };
			call(NR_nanosleep, (u64)&wanted, 0, 0, 0, 0);
		}
	}
}

static int is(const char *text, const char *wanted)
{
	while (*text && *text == *wanted) text++, wanted++;
	return *text == *wanted;
}

static const char *const online = "/sys/devices/system/cpu/cpu1/online";

/* The kernel hands options that it does not know to init. */
void run(const u64 *stack)
{
	u64 restart = 0, rounds = 0;
	for (const char *const *entry = (const char *const *)(stack + stack[0] + 2); *entry; entry++) {
		restart |= is(*entry, "END=restart");
		if (is(*entry, "WORK=1")) rounds = 500;
	}
	mount_all();
	work(rounds);
	show("/proc/cpuinfo");
	sleep_for(1);
	sleep_for(20);
	sleep_for(3000);
	visit_all();
	if (call(NR_faccessat, AT_FDCWD, (u64)online, 0, 0, 0) == 0) {
		for (int round = 0; round < 3; round++) {
			put(online, "0");
			show("/sys/devices/system/cpu/online");
			visit_all();
			put(online, "1");
			show("/sys/devices/system/cpu/online");
			visit_all();
		}
	}
	end(restart ? RESTART : POWER_OFF);
}
