/* SPDX-License-Identifier: MIT */
/*
 * What is beneath the kernel: the firmware's services (SBI 2.0), or in M-mode the devices of the board itself, which
 * has the memory map of QEMU's "virt".
 */
#include "kernel.h"

extern char secondary_start_sbi[];

#ifndef CONFIG_RISCV_M_MODE

#define SBI_EXT_BASE             0x10
#define SBI_EXT_TIME             0x54494d45
#define SBI_EXT_IPI              0x735049
#define SBI_EXT_HSM              0x48534d
#define SBI_EXT_SRST             0x53525354
#define SBI_EXT_DBCN             0x4442434e
#define SBI_LEGACY_PUTCHAR       1
#define SBI_LEGACY_GETCHAR       2
#define SBI_LEGACY_SHUTDOWN      8
#define SBI_BASE_PROBE_EXTENSION 3
#define SBI_DBCN_READ            1
#define SBI_DBCN_WRITE_BYTE      2

struct sbiret {
	long error, value;
};

static noinline struct sbiret sbi_ecall(ulong extension, ulong function, ulong arg0, ulong arg1, ulong arg2)
{
	KEEP_FRAME_RECORD();
	register ulong a0 asm("a0") = arg0;
	register ulong a1 asm("a1") = arg1;
	register ulong a2 asm("a2") = arg2;
	register ulong a6 asm("a6") = function;
	register ulong a7 asm("a7") = extension;

	asm volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
	return (struct sbiret){ a0, a1 };
}

static bool has_debug_console;

void platform_init(void)
{
	struct sbiret probe = sbi_ecall(SBI_EXT_BASE, SBI_BASE_PROBE_EXTENSION, SBI_EXT_DBCN, 0, 0);

	has_debug_console = probe.error == 0 && probe.value != 0;
}

void platform_putchar(char c)
{
	if (has_debug_console)
		sbi_ecall(SBI_EXT_DBCN, SBI_DBCN_WRITE_BYTE, (u8)c, 0, 0);
	else
		sbi_ecall(SBI_LEGACY_PUTCHAR, 0, (u8)c, 0, 0);
}

/* A byte of input, or -1. */
int platform_getchar(void)
{
	static u8 byte;

	if (!has_debug_console)
		return sbi_ecall(SBI_LEGACY_GETCHAR, 0, 0, 0, 0).error;

	struct sbiret read = sbi_ecall(SBI_EXT_DBCN, SBI_DBCN_READ, 1, __pa(&byte), 0);

	return read.error == 0 && read.value == 1 ? *(volatile u8 *)&byte : -1;
}

void platform_set_timer(u64 time)
{
	sbi_ecall(SBI_EXT_TIME, 0, time, 0, 0);
}

void platform_send_ipi(int cpu)
{
	sbi_ecall(SBI_EXT_IPI, 0, 1, __cpuid_to_hartid_map[cpu], 0);
}

void platform_clear_ipi(void)
{
	csr_clear(CSR_IP, IE_SOFT);
}

int platform_start_hart(int cpu, struct hart_boot_data *boot)
{
	return sbi_ecall(SBI_EXT_HSM, 0, __cpuid_to_hartid_map[cpu], __pa(secondary_start_sbi), __pa(boot)).error;
}

void platform_power_off(bool failure)
{
	sbi_ecall(SBI_EXT_SRST, 0, 0, failure, 0);
	sbi_ecall(SBI_LEGACY_SHUTDOWN, 0, 0, 0, 0);
}

#else /* CONFIG_RISCV_M_MODE */

#define TEST_DEVICE ((volatile u32 *)0x100000)
#define CLINT       0x2000000UL
#define UART        ((volatile u8 *)0x10000000)

#define TEST_PASS      0x5555
#define TEST_FAIL      0x3333
#define UART_DATA      0
#define UART_LSR       5
#define UART_LSR_READY 0x01
#define UART_LSR_EMPTY 0x20

static volatile u32 *msip(int cpu)
{
	return (volatile u32 *)(CLINT + 4 * __cpuid_to_hartid_map[cpu]);
}

void platform_init(void)
{
}

void platform_putchar(char c)
{
	while (!(UART[UART_LSR] & UART_LSR_EMPTY))
		;
	UART[UART_DATA] = c;
}

int platform_getchar(void)
{
	return UART[UART_LSR] & UART_LSR_READY ? UART[UART_DATA] : -1;
}

void platform_set_timer(u64 time)
{
	*(volatile u64 *)(CLINT + 0x4000 + 8 * __cpuid_to_hartid_map[smp_processor_id()]) = time;
}

void platform_send_ipi(int cpu)
{
	asm volatile("fence w, o" ::: "memory");
	*msip(cpu) = 1;
}

void platform_clear_ipi(void)
{
	*msip(smp_processor_id()) = 0;
	asm volatile("fence o, r" ::: "memory");
}

/* It waits in .Lwait_for_boot_hart for its boot data and an interrupt. smp_callin clears the interrupt. */
int platform_start_hart(int cpu, struct hart_boot_data *boot)
{
	platform_send_ipi(cpu);
	return 0;
}

void platform_power_off(bool failure)
{
	*TEST_DEVICE = failure ? 1 << 16 | TEST_FAIL : TEST_PASS;
}

#endif
