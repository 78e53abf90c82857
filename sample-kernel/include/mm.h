/* SPDX-License-Identifier: MIT */
/* Pages, stacks, address spaces, access to user memory. */
#ifndef MM_H
#define MM_H

#include "ptrace.h"
#include "types.h"

/* Where the kernel is linked and where it was loaded. Set by setup_vm, before the MMU is on. */
struct kernel_mapping {
	ulong virt_addr;
	ulong phys_addr;
	ulong size; /* of what is mapped: the image and the pool of free pages behind it */
	ulong va_pa_offset;
};
extern struct kernel_mapping kernel_map;

#define __pa(va) ((ulong)(va)-kernel_map.va_pa_offset)
#define __va(pa) ((void *)((ulong)(pa) + kernel_map.va_pa_offset))

#define VMALLOC_START 0xffffffc800000000UL

typedef u64 pte_t;
#define PTRS_PER_TABLE 512
#define _PAGE_V        (1 << 0)
#define _PAGE_R        (1 << 1)
#define _PAGE_W        (1 << 2)
#define _PAGE_X        (1 << 3)
#define _PAGE_U        (1 << 4)
#define _PAGE_G        (1 << 5)
#define _PAGE_A        (1 << 6)
#define _PAGE_D        (1 << 7)
#define PTE_PPN_SHIFT  10

/* mm.c */
void mm_init(void);
void *alloc_page(void);
void free_page(void *page);
void *alloc_contiguous(ulong size, ulong align);
void *alloc_stack(void);
void free_stack(void *stack);

/* vm.c, or nommu.c; an address space belongs to one task, so its owner is the only one to touch it */
struct mm_struct;
void setup_page_tables(const struct kernel_mapping *map);
void map_kernel_page(ulong va, void *page);
struct mm_struct *mm_alloc(void);
struct mm_struct *mm_copy(struct mm_struct *from);
void mm_free(struct mm_struct *mm);
void switch_mm(struct mm_struct *next);
ulong mm_stack_top(struct mm_struct *mm);
ulong mm_area(struct mm_struct *mm, int area);
int handle_mm_fault(struct mm_struct *mm, ulong address, ulong cause, struct pt_regs *regs);

enum user_area { AREA_HEAP, AREA_SLOW };

/* usercopy.S; both return the number of bytes that could not be copied */
ulong __asm_copy_from_user(void *to, const void *from, ulong n);
ulong __asm_copy_to_user(void *to, const void *from, ulong n);

/* fault.c */
ulong copy_from_user(void *to, const void *from, ulong n);
ulong copy_to_user(void *to, const void *from, ulong n);
bool fixup_exception(struct pt_regs *regs);
void do_page_fault(struct pt_regs *regs);

#endif
