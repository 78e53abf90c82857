/*
 * The first process of the guest in which modules are loaded and unloaded: says what the kernel says of them, and stands still in
 * sync(), where a test looks at the same. Without a C library. System call numbers: asm-generic/unistd.h.
 */
typedef unsigned long u64;
typedef long s64;

enum {
	NR_mkdirat = 34, NR_mount = 40, NR_openat = 56, NR_close = 57, NR_read = 63, NR_write = 64, NR_sync = 81,
	NR_delete_module = 106, NR_reboot = 142, NR_finit_module = 273,
};
enum { AT_FDCWD = -100, O_RDONLY = 0, O_WRONLY = 1 };

static s64 call(u64 number, u64 a, u64 b, u64 c, u64 d, u64 e)
{
	register u64 a0 asm("a0") = a, a1 asm("a1") = b, a2 asm("a2") = c, a3 asm("a3") = d, a4 asm("a4") = e;
	register u64 a7 asm("a7") = number;
	asm volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a7) : "memory");
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


static void load(const char *path)
{
	s64 file = call(NR_openat, AT_FDCWD, (u64)path, O_RDONLY, 0, 0);
	s64 result = call(NR_finit_module, file, (u64)"", 0, 0, 0);
	print("load "); print(path); print(" "); print_number(result); print("\n");
	call(NR_close, file, 0, 0, 0, 0);
}
__attribute__((used, noreturn)) void run(const u64 *stack)
{
	call(NR_mkdirat, AT_FDCWD, (u64)"/proc", 0755, 0, 0);
	call(NR_mkdirat, AT_FDCWD, (u64)"/sys", 0755, 0, 0);
	call(NR_mount, (u64)"proc", (u64)"/proc", (u64)"proc", 0, 0);
	call(NR_mount, (u64)"sysfs", (u64)"/sys", (u64)"sysfs", 0, 0);
	load("/m/unwind_demo.ko");
	load("/m/unwind_user.ko");
	load("/m/crc7.ko");
	show("/proc/modules");
	put("/proc/sysrq-trigger", "t");
	show("/proc/interrupts");
	call(NR_sync, 0, 0, 0, 0, 0);
	print("unload "); print_number(call(NR_delete_module, (u64)"unwind_user", 0, 0, 0, 0)); print("\n");
	show("/proc/modules");
	call(NR_sync, 0, 0, 0, 0, 0);
	print("unload "); print_number(call(NR_delete_module, (u64)"unwind_demo", 0, 0, 0, 0)); print("\n");
	call(NR_reboot, 0xfee1dead, 672274793, 0x4321fedc, 0, 0);
	for (;;) ;
}

asm(".globl _start\n_start:\n"
    ".option push\n.option norelax\nla gp, __global_pointer$\n.option pop\n"
    "mv a0, sp\nandi sp, sp, -16\ncall run\n");
