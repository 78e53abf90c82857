/* SPDX-License-Identifier: MIT */
/* Physical pages, from the end of the image to the end of the kernel mapping; and stacks made of them. */
#include "kernel.h"

extern char _end[];

static spinlock_t page_lock;
static void *free_pages; /* each free page begins with the address of the next */
static char *pool_next, *pool_end;

/* From the part of the pool that was never used. The memory is zero. NULL when there is none. */
void *alloc_contiguous(ulong size, ulong align)
{
	ulong flags = spin_lock_irqsave(&page_lock);
	char *start = (char *)ALIGN_UP((ulong)pool_next, align);
	bool fits = start + size <= pool_end;

	if (fits)
		pool_next = start + size;
	spin_unlock_irqrestore(&page_lock, flags);
	return fits ? memset(start, 0, size) : NULL;
}

void *alloc_page(void)
{
	ulong flags = spin_lock_irqsave(&page_lock);
	void *page = free_pages;

	if (page)
		free_pages = *(void **)page;
	spin_unlock_irqrestore(&page_lock, flags);
	return page ? memset(page, 0, PAGE_SIZE) : alloc_contiguous(PAGE_SIZE, PAGE_SIZE);
}

void free_page(void *page)
{
	ulong flags = spin_lock_irqsave(&page_lock);

	*(void **)page = free_pages;
	free_pages = page;
	spin_unlock_irqrestore(&page_lock, flags);
}

/*
 * Stacks. With an MMU each lies at a multiple of THREAD_ALIGN in a virtual area, with nothing mapped behind it, so that
 * running off the lower end of the next one faults. All are mapped before a second CPU runs, and never unmapped, so
 * no CPU can hold a stale translation of one.
 */
#define NR_STACKS 40
static void *free_stacks[NR_STACKS];
static int nr_free_stacks;
static spinlock_t stack_lock;

#ifdef CONFIG_MMU
static __init void *map_stack(int index)
{
	ulong base = VMALLOC_START + (ulong)index * THREAD_ALIGN;

	for (ulong offset = 0; offset < THREAD_SIZE; offset += PAGE_SIZE)
		map_kernel_page(base + offset, alloc_page());
	return (void *)base;
}
#else
static __init void *map_stack(int index)
{
	return alloc_contiguous(THREAD_SIZE, THREAD_SIZE);
}
#endif

void *alloc_stack(void)
{
	ulong flags = spin_lock_irqsave(&stack_lock);
	void *stack = nr_free_stacks ? free_stacks[--nr_free_stacks] : NULL;

	spin_unlock_irqrestore(&stack_lock, flags);
	return stack;
}

void free_stack(void *stack)
{
	ulong flags = spin_lock_irqsave(&stack_lock);

	free_stacks[nr_free_stacks++] = stack;
	spin_unlock_irqrestore(&stack_lock, flags);
}

__init void mm_init(void)
{
	pool_next = (char *)ALIGN_UP((ulong)_end, PAGE_SIZE);
	pool_end = (char *)(kernel_map.virt_addr + kernel_map.size);
	for (int i = NR_STACKS - 1; i >= 0; i--) {
		void *stack = map_stack(i);

		free_stacks[nr_free_stacks++] = stack;
	}
#ifdef CONFIG_MMU
	asm volatile("sfence.vma" ::: "memory");
#endif
}
