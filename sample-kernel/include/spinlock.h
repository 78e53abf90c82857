/* SPDX-License-Identifier: MIT */
/* Interrupt masking and spinlocks. Every lock here may be taken by interrupt handlers, so taking one masks interrupts. */
#ifndef SPINLOCK_H
#define SPINLOCK_H

#include "csr.h"
#include "types.h"

static always_inline void local_irq_enable(void)
{
	csr_set(CSR_STATUS, SR_IE);
}

static always_inline void local_irq_disable(void)
{
	csr_clear(CSR_STATUS, SR_IE);
}

static always_inline ulong local_irq_save(void)
{
	return csr_read_clear(CSR_STATUS, SR_IE) & SR_IE;
}

static always_inline void local_irq_restore(ulong flags)
{
	csr_set(CSR_STATUS, flags);
}

/* With interrupts off: returns when one is pending, which is then taken at the instruction that enables them or the next. */
static always_inline void wait_for_pending_interrupt(void)
{
	asm volatile("fence\n\twfi" ::: "memory");
}

static always_inline void cpu_relax(void)
{
	asm volatile(".insn i 0x0f, 0, x0, x0, 0x010" ::: "memory"); /* pause (Zihintpause), a hint anywhere else */
}

typedef struct {
	u32 locked;
} spinlock_t;

static always_inline void spin_lock(spinlock_t *lock)
{
	while (__atomic_exchange_n(&lock->locked, 1, __ATOMIC_ACQUIRE))
		while (READ_ONCE(lock->locked))
			cpu_relax();
}

static always_inline void spin_unlock(spinlock_t *lock)
{
	__atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
}

static always_inline ulong spin_lock_irqsave(spinlock_t *lock)
{
	ulong flags = local_irq_save();

	spin_lock(lock);
	return flags;
}

static always_inline void spin_unlock_irqrestore(spinlock_t *lock, ulong flags)
{
	spin_unlock(lock);
	local_irq_restore(flags);
}

#endif
