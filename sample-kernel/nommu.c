/* SPDX-License-Identifier: MIT */
/* Processes without an MMU: addresses mean the same to all, and memory is given out at once. */
#include "kernel.h"

struct mm_struct {
	void *stack_page;
	void *heap_page;
};

ulong mm_stack_top(struct mm_struct *mm)
{
	return (ulong)mm->stack_page + PAGE_SIZE;
}

ulong mm_area(struct mm_struct *mm, int area)
{
	return area == AREA_HEAP ? (ulong)mm->heap_page : 0;
}

struct mm_struct *mm_alloc(void)
{
	struct mm_struct *mm = alloc_page();

	if (!mm)
		return NULL;
	mm->stack_page = alloc_page();
	mm->heap_page = alloc_page();
	if (!mm->stack_page || !mm->heap_page) {
		mm_free(mm);
		return NULL;
	}
	return mm;
}

/* Pointers into the parent's stack would not work in a copy at another address; a clone starts on an empty one. */
struct mm_struct *mm_copy(struct mm_struct *from)
{
	return mm_alloc();
}

void mm_free(struct mm_struct *mm)
{
	if (mm->stack_page)
		free_page(mm->stack_page);
	if (mm->heap_page)
		free_page(mm->heap_page);
	free_page(mm);
}

void switch_mm(struct mm_struct *next)
{
}

int handle_mm_fault(struct mm_struct *mm, ulong address, ulong cause, struct pt_regs *regs)
{
	return -EFAULT;
}
