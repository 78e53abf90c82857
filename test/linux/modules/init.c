/*
 * The first process of the guest in which modules are loaded and unloaded: says what the kernel says of them, and stands still in
 * sync(), where a test looks at the same.
 */
#include "../guest.h"

enum { NR_sync = 81, NR_nanosleep = 101, NR_delete_module = 106, NR_finit_module = 273 };

static void load(const char *path)
{
	s64 file = call(NR_openat, AT_FDCWD, (u64)path, O_RDONLY, 0, 0);
	s64 result = call(NR_finit_module, file, (u64)"", 0, 0, 0);
	print("load "); print(path); print(" "); print_number(result); print("\n");
	call(NR_close, file, 0, 0, 0, 0);
}

/* Until the kernel has printed what it has to say: its messages would be in the midst of ours. */
static void settle(void)
{
	s64 wanted[2] = { 0, 50000000 };
	call(NR_nanosleep, (u64)wanted, 0, 0, 0, 0);
}

void run(const u64 *stack)
{
	mount_all();
	load("/m/unwind_demo.ko");
	load("/m/unwind_user.ko");
	load("/m/crc7.ko");
	settle();
	show("/proc/modules");
	put("/proc/sysrq-trigger", "t");
	show("/proc/interrupts");
	call(NR_sync, 0, 0, 0, 0, 0);
	print("unload "); print_number(call(NR_delete_module, (u64)"unwind_user", 0, 0, 0, 0)); print("\n");
	show("/proc/modules");
	call(NR_sync, 0, 0, 0, 0, 0);
	print("unload "); print_number(call(NR_delete_module, (u64)"unwind_demo", 0, 0, 0, 0)); print("\n");
	end(POWER_OFF);
}
