/*
 * The first process of a guest that looks at its own machine: what the kernel says of the harts, sleeps, affinity, hotplug, the end.
 * Without a C library, so that the cross compiler alone builds it. System call numbers: asm-generic/unistd.h.
 */
typedef unsigned long u64;
typedef long s64;

enum {
	NR_mkdirat = 34, NR_mount = 40, NR_faccessat = 48, NR_openat = 56, NR_close = 57, NR_read = 63, NR_write = 64,
	NR_nanosleep = 101, NR_clock_gettime = 113, NR_sched_setaffinity = 122, NR_sched_yield = 124, NR_reboot = 142,
	NR_getcpu = 168, NR_mmap = 222,
};
enum { PROT_READ = 1, PROT_WRITE = 2, MAP_PRIVATE = 2, MAP_ANONYMOUS = 32, PAGE = 4096 };
enum { AT_FDCWD = -100, O_RDONLY = 0, O_WRONLY = 1, CLOCK_MONOTONIC = 1 };

static s64 call(u64 number, u64 a, u64 b, u64 c, u64 d, u64 e)
{
	register u64 a0 asm("a0") = a, a1 asm("a1") = b, a2 asm("a2") = c, a3 asm("a3") = d, a4 asm("a4") = e, a5 asm("a5") = 0;
	register u64 a7 asm("a7") = number;
	asm volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7) : "memory");
	return (s64)a0;
}

static u64 length_of(const char *text) { u64 n = 0; while (text[n]) n++; return n; }
static void print(const char *text) { call(NR_write, 1, (u64)text, length_of(text), 0, 0); }
static void print_number(s64 value)
{
	char digits[24], *at = digits + 23;
	u64 rest = value < 0 ? -(u64)value : (u64)value;
	*at = 0;
	do *--at = '0' + rest % 10; while (rest /= 10);
	if (value < 0) *--at = '-';
	print(at);
}

static void show(const char *path)
{
	char text[512];
	s64 length, file = call(NR_openat, AT_FDCWD, (u64)path, O_RDONLY, 0, 0);
	print("<"); print(path); print(">\n");
	while (file >= 0 && (length = call(NR_read, file, (u64)text, sizeof text, 0, 0)) > 0)
		call(NR_write, 1, (u64)text, length, 0, 0);
	print("</"); print(path); print(">\n");
	call(NR_close, file, 0, 0, 0, 0);
}

static void put(const char *path, const char *text)
{
	s64 file = call(NR_openat, AT_FDCWD, (u64)path, O_WRONLY, 0, 0);
	s64 written = call(NR_write, file, (u64)text, length_of(text), 0, 0);
	print("put "); print(path); print(" "); print(text);
	print(written == (s64)length_of(text) ? ": ok\n" : ": failed\n");
	call(NR_close, file, 0, 0, 0, 0);
}

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

/* `stack` is what the kernel gives a program: argc, argv, 0, envp, 0. The kernel hands options it does not know to init. */
__attribute__((used, noreturn)) void run(const u64 *stack)
{
	u64 restart = 0, rounds = 0;
	for (const char *const *entry = (const char *const *)(stack + stack[0] + 2); *entry; entry++) {
		restart |= is(*entry, "END=restart");
		if (is(*entry, "WORK=1")) rounds = 500;
	}
	call(NR_mkdirat, AT_FDCWD, (u64)"/proc", 0755, 0, 0);
	call(NR_mkdirat, AT_FDCWD, (u64)"/sys", 0755, 0, 0);
	call(NR_mount, (u64)"proc", (u64)"/proc", (u64)"proc", 0, 0);
	call(NR_mount, (u64)"sysfs", (u64)"/sys", (u64)"sysfs", 0, 0);
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
	call(NR_reboot, 0xfee1dead, 672274793, restart ? 0x01234567 : 0x4321fedc, 0, 0);
	for (;;) ;
}

asm(".globl _start\n_start:\n"
    ".option push\n.option norelax\nla gp, __global_pointer$\n.option pop\n"
    "mv a0, sp\nandi sp, sp, -16\ncall run\n");
