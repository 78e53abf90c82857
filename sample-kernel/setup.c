/* SPDX-License-Identifier: MIT */
/*
 * The first C code, before the MMU is on. pc is physical, so &x is where x is now and not where it is linked, and
 * nothing here may use an address that the linker stored in data.
 */
#include "kernel.h"

char boot_command_line[COMMAND_LINE_SIZE];
u64 timebase_frequency;
ulong boot_cpu_hartid;
ulong __cpuid_to_hartid_map[NR_CPUS];
int nr_cpus;
struct kernel_mapping kernel_map;

extern char _start[];

/* Devicetree specification 0.4, chapter 5. All numbers in it are big-endian. */
#define FDT_MAGIC      0xd00dfeed
#define FDT_BEGIN_NODE 1
#define FDT_END_NODE   2
#define FDT_PROP       3
#define FDT_NOP        4

static __init u32 fdt32(const void *at)
{
	const u8 *b = at;

	return (u32)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

static __init bool starts_with(const char *text, const char *prefix)
{
	while (*prefix)
		if (*text++ != *prefix++)
			return false;
	return true;
}

static __init void add_hart(ulong hartid)
{
	/* CPU 0 is the boot hart, wherever it stands in the tree. */
	if (hartid != boot_cpu_hartid && nr_cpus < NR_CPUS)
		__cpuid_to_hartid_map[nr_cpus++] = hartid;
}

/* The device tree is read once, here: command line, harts, timebase. */
static __init void early_init_dt(const void *dtb)
{
	const u8 *base = dtb;

	__cpuid_to_hartid_map[0] = boot_cpu_hartid;
	nr_cpus = 1;
	timebase_frequency = 10000000;
	if (fdt32(base) != FDT_MAGIC)
		return;

	const u8 *token = base + fdt32(base + 8);
	const char *strings = (const char *)base + fdt32(base + 12);
	const u8 *end = base + fdt32(base + 4);
	bool in_chosen = false, in_cpus = false, in_cpu = false;
	int depth = 0;

	while (token < end) {
		u32 kind = fdt32(token);

		token += 4;
		if (kind == FDT_BEGIN_NODE) {
			const char *name = (const char *)token;

			depth++;
			if (depth == 2) {
				in_chosen = strcmp(name, "chosen") == 0;
				in_cpus = strcmp(name, "cpus") == 0;
			}
			if (depth == 3)
				in_cpu = in_cpus && starts_with(name, "cpu@");
			token += ALIGN_UP(strlen(name) + 1, 4);
		} else if (kind == FDT_END_NODE) {
			depth--;
		} else if (kind == FDT_PROP) {
			u32 length = fdt32(token);
			const char *name = strings + fdt32(token + 4);
			const u8 *value = token + 8;

			if (depth == 2 && in_chosen && strcmp(name, "bootargs") == 0 && length <= COMMAND_LINE_SIZE)
				memcpy(boot_command_line, value, length);
			if (in_cpus && depth <= 3 && strcmp(name, "timebase-frequency") == 0 && length == 4)
				timebase_frequency = fdt32(value);
			if (depth == 3 && in_cpu && strcmp(name, "reg") == 0 && length >= 4)
				add_hart(fdt32(value + length - 4));
			token = value + ALIGN_UP(length, 4);
		} else if (kind != FDT_NOP) {
			break;
		}
	}
	boot_command_line[COMMAND_LINE_SIZE - 1] = 0;
}

__init void setup_vm(const void *dtb)
{
	early_init_dt(dtb);
	kernel_map.virt_addr = KERNEL_LINK_ADDR;
	kernel_map.phys_addr = (ulong)_start;
	kernel_map.size = 8 << 20;
	kernel_map.va_pa_offset = kernel_map.virt_addr - kernel_map.phys_addr;
#ifdef CONFIG_MMU
	setup_page_tables(&kernel_map);
#endif
}

bool command_line_has(const char *word)
{
	return strstr(boot_command_line, word) != NULL;
}
