/*
 * What the guest's first processes have in common: programs without a C library, so that the cross compiler alone builds them. A
 * program has its own run(). System call numbers: asm-generic/unistd.h.
 */
typedef unsigned long u64;
typedef long s64;

enum {
	NR_mkdirat = 34, NR_mount = 40, NR_openat = 56, NR_close = 57, NR_read = 63, NR_write = 64, NR_reboot = 142,
};
enum { AT_FDCWD = -100, O_RDONLY = 0, O_WRONLY = 1 };

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

/* Where the kernel shows what it has. */
static void mount_all(void)
{
	call(NR_mkdirat, AT_FDCWD, (u64)"/proc", 0755, 0, 0);
	call(NR_mkdirat, AT_FDCWD, (u64)"/sys", 0755, 0, 0);
	call(NR_mount, (u64)"proc", (u64)"/proc", (u64)"proc", 0, 0);
	call(NR_mount, (u64)"sysfs", (u64)"/sys", (u64)"sysfs", 0, 0);
}

/* How a machine ends: LINUX_REBOOT_CMD_POWER_OFF and LINUX_REBOOT_CMD_RESTART (include/uapi/linux/reboot.h). */
enum { POWER_OFF = 0x4321fedc, RESTART = 0x01234567 };
static void __attribute__((noreturn)) end(u64 how)
{
	call(NR_reboot, 0xfee1dead, 672274793, how, 0, 0);
	for (;;) ;
}

/* `stack` is what the kernel gives a program: argc, argv, 0, envp, 0. */
__attribute__((used, noreturn)) void run(const u64 *stack);

asm(".globl _start\n_start:\n"
    ".option push\n.option norelax\nla gp, __global_pointer$\n.option pop\n"
    "mv a0, sp\nandi sp, sp, -16\ncall run\n");
