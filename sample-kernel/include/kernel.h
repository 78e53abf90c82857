/* SPDX-License-Identifier: MIT */
/* What the rest of the kernel offers. */
#ifndef KERNEL_H
#define KERNEL_H

#include "mm.h"
#include "percpu.h"
#include "sched.h"

/* setup.c: what the device tree tells */
#define COMMAND_LINE_SIZE 256
extern char boot_command_line[COMMAND_LINE_SIZE];
extern u64 timebase_frequency;
extern ulong boot_cpu_hartid;
extern ulong __cpuid_to_hartid_map[NR_CPUS];
extern int nr_cpus;
void setup_vm(const void *dtb);
bool command_line_has(const char *word);

/* printk.c */
void printk(const char *format, ...) __attribute__((format(printf, 1, 2)));
void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));
void console_write(const char *text, size_t n);
int console_getchar(void);

/* platform.c: SBI calls, or the devices themselves in M-mode */
struct hart_boot_data {
	struct task_struct *task;
	void *stack;
};
void platform_init(void);
void platform_putchar(char c);
int platform_getchar(void);
void platform_set_timer(u64 time);
void platform_send_ipi(int cpu);
void platform_clear_ipi(void);
int platform_start_hart(int cpu, struct hart_boot_data *boot);
void platform_power_off(bool failure);

/* irq.c */
void init_IRQ(void);
void do_irq(struct pt_regs *regs);
void call_on_irq_stack(struct pt_regs *regs, void (*function)(struct pt_regs *));
void exit_to_user_mode_prepare(void);

/* timer.c; a timer fires on the CPU that started it */
struct timer {
	u64 expires;
	void (*function)(struct timer *);
	struct list_head list;
};
void timer_init_cpu(void);
void timer_start(struct timer *timer, void (*function)(struct timer *), u64 microseconds);
void timer_cancel(struct timer *timer);
void riscv_timer_interrupt(void);

static always_inline u64 get_cycles(void)
{
	return csr_read(time);
}

/* smp.c */
void smp_init(void);
void smp_callin(void);
void handle_IPI(void);
void smp_send_reschedule(int cpu);
void smp_call_function_single(int cpu, void (*function)(void *), void *arg);
extern int nr_cpus_online;

/* traps.c */
void trap_init_cpu(void);

/* syscall.c */
long syscall(ulong number, struct pt_regs *regs);

/* tour.c */
void tour_kernel(void);
void tour_warning(struct pt_regs *regs);

#endif
