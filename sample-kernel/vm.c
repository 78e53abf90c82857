/* SPDX-License-Identifier: MIT */
/* Sv39 page tables: the kernel's, and those of processes, which are filled on demand. */
#include "kernel.h"

#define PMD_SHIFT 21
#define PGD_SHIFT 30
#define PMD_SIZE  (1UL << PMD_SHIFT)

#define PAGE_KERNEL (_PAGE_V | _PAGE_R | _PAGE_W | _PAGE_X | _PAGE_G | _PAGE_A | _PAGE_D)
#define PAGE_DATA   (_PAGE_V | _PAGE_R | _PAGE_W | _PAGE_G | _PAGE_A | _PAGE_D)
#define PAGE_TABLE  _PAGE_V
#define PAGE_TEXT_U (_PAGE_V | _PAGE_R | _PAGE_X | _PAGE_U | _PAGE_A)
#define PAGE_ANON_U (_PAGE_V | _PAGE_R | _PAGE_W | _PAGE_U | _PAGE_A | _PAGE_D)

pte_t swapper_pg_dir[PTRS_PER_TABLE] __aligned(PAGE_SIZE);
pte_t trampoline_pg_dir[PTRS_PER_TABLE] __aligned(PAGE_SIZE);
static pte_t trampoline_pmd[PTRS_PER_TABLE] __aligned(PAGE_SIZE);
static pte_t kernel_pmd[PTRS_PER_TABLE] __aligned(PAGE_SIZE);
/* For stacks, mapped a page at a time with holes between them. One table covers 2 MiB. */
static pte_t vmalloc_pmd[PTRS_PER_TABLE] __aligned(PAGE_SIZE);
static pte_t vmalloc_pte[PTRS_PER_TABLE] __aligned(PAGE_SIZE);

static pte_t make_pte(ulong pa, ulong flags)
{
	return pa >> PAGE_SHIFT << PTE_PPN_SHIFT | flags;
}

static ulong pte_pa(pte_t pte)
{
	return pte >> PTE_PPN_SHIFT << PAGE_SHIFT;
}

static int index_at(ulong va, int shift)
{
	return va >> shift & (PTRS_PER_TABLE - 1);
}

/* Runs at physical addresses, so &table is a physical address; map is of the image. */
__init void setup_page_tables(const struct kernel_mapping *map)
{
	trampoline_pg_dir[index_at(map->virt_addr, PGD_SHIFT)] = make_pte((ulong)trampoline_pmd, PAGE_TABLE);
	trampoline_pmd[index_at(map->virt_addr, PMD_SHIFT)] = make_pte(map->phys_addr, PAGE_KERNEL);

	swapper_pg_dir[index_at(map->virt_addr, PGD_SHIFT)] = make_pte((ulong)kernel_pmd, PAGE_TABLE);
	for (ulong offset = 0; offset < map->size; offset += PMD_SIZE)
		kernel_pmd[index_at(map->virt_addr + offset, PMD_SHIFT)] = make_pte(map->phys_addr + offset, PAGE_KERNEL);

	swapper_pg_dir[index_at(VMALLOC_START, PGD_SHIFT)] = make_pte((ulong)vmalloc_pmd, PAGE_TABLE);
	vmalloc_pmd[index_at(VMALLOC_START, PMD_SHIFT)] = make_pte((ulong)vmalloc_pte, PAGE_TABLE);
}

/* The address space of a process. Its top half is the kernel's, shared with every other. */
struct mm_struct {
	pte_t *pgd;
};

void map_kernel_page(ulong va, void *page)
{
	vmalloc_pte[index_at(va, PAGE_SHIFT)] = make_pte(__pa(page), PAGE_DATA);
}

/*
 * What a process may touch, and how a page gets there. Process images are mapped from the kernel's image, read-only;
 * the rest is zeroes. AREA_SLOW stands for memory whose contents come from a device that takes its time.
 */
struct vm_area {
	ulong start, end;
	int (*fault)(pte_t *pte, ulong address, struct pt_regs *regs);
	bool writable, executable;
};

extern char __user_image[], __user_image_end[];
#define USER_TEXT 0x10000UL

static noinline int do_read_fault(pte_t *pte, ulong address, struct pt_regs *regs)
{
	ulong page = (ulong)__user_image + ALIGN_DOWN(address, PAGE_SIZE) - USER_TEXT;

	if (page >= (ulong)__user_image_end)
		return -EFAULT;
	*pte = make_pte(__pa(page), PAGE_TEXT_U);
	return 0;
}

static noinline int do_anonymous_page(pte_t *pte, ulong address, struct pt_regs *regs)
{
	void *page = alloc_page();

	if (!page)
		return -ENOMEM;
	*pte = make_pte(__pa(page), PAGE_ANON_U);
	return 0;
}

static volatile bool pager_done;

static noinline void pager_interrupt(struct timer *timer)
{
	KEEP_FRAME_RECORD();
	pager_done = true;
}

/*
 * Waits for the "device" with interrupts on. Its interrupt arrives while the page fault is being handled, which may
 * itself have interrupted copy_from_user: two interrupted kernel contexts above each other.
 */
static noinline void pager_wait(struct pt_regs *regs)
{
	struct timer timer;
	ulong flags = local_irq_save();

	pager_done = false;
	timer_start(&timer, pager_interrupt, 100);
	wait_for_pending_interrupt();
	local_irq_enable();
	while (!pager_done)
		cpu_relax();
	local_irq_disable();
	local_irq_restore(flags);
}

static noinline int do_slow_page(pte_t *pte, ulong address, struct pt_regs *regs)
{
	if (!(regs->status & SR_PIE))
		return -EFAULT; /* the interrupted code cannot be interrupted again */
	pager_wait(regs);
	return do_anonymous_page(pte, address, regs);
}

static const struct vm_area vm_areas[] = {
	{ USER_TEXT, 0x30000, do_read_fault, false, true },
	{ 0x10000000, 0x10010000, do_anonymous_page, true, false },
	{ 0x20000000, 0x20010000, do_slow_page, true, false },
	{ 0x3fffff8000, 0x4000000000 - PAGE_SIZE, do_anonymous_page, true, false }, /* stack */
};
#define VM_HEAP  1
#define VM_SLOW  2
#define VM_STACK 3

ulong mm_stack_top(struct mm_struct *mm)
{
	return vm_areas[VM_STACK].end;
}

ulong mm_area(struct mm_struct *mm, int area)
{
	return vm_areas[area == AREA_SLOW ? VM_SLOW : VM_HEAP].start;
}

/* The leaf entry for va. Tables in between are made if `make`; NULL if there are none or no memory for one. */
static pte_t *walk(pte_t *pgd, ulong va, bool make)
{
	pte_t *table = pgd;

	for (int shift = PGD_SHIFT; shift > PAGE_SHIFT; shift -= 9) {
		pte_t *entry = &table[index_at(va, shift)];

		if (!(*entry & _PAGE_V)) {
			void *page = make ? alloc_page() : NULL;

			if (!page)
				return NULL;
			*entry = make_pte(__pa(page), PAGE_TABLE);
		}
		table = __va(pte_pa(*entry));
	}
	return &table[index_at(va, PAGE_SHIFT)];
}

int handle_mm_fault(struct mm_struct *mm, ulong address, ulong cause, struct pt_regs *regs)
{
	for (const struct vm_area *area = vm_areas; area < vm_areas + ARRAY_SIZE(vm_areas); area++) {
		if (address < area->start || address >= area->end)
			continue;
		if (cause == EXC_STORE_PAGE_FAULT && !area->writable)
			return -EFAULT;
		if (cause == EXC_INST_PAGE_FAULT && !area->executable)
			return -EFAULT;

		pte_t *pte = walk(mm->pgd, address, true);

		if (!pte)
			return -ENOMEM;
		if (!(*pte & _PAGE_V)) {
			int error = area->fault(pte, address, regs);

			if (error)
				return error;
		}
		asm volatile("sfence.vma %0, zero" ::"r"(address) : "memory");
		return 0;
	}
	return -EFAULT;
}

struct mm_struct *mm_alloc(void)
{
	struct mm_struct *mm = alloc_page();

	if (!mm)
		return NULL;
	mm->pgd = alloc_page();
	if (!mm->pgd) {
		free_page(mm);
		return NULL;
	}
	memcpy(mm->pgd + PTRS_PER_TABLE / 2, swapper_pg_dir + PTRS_PER_TABLE / 2, PAGE_SIZE / 2);
	return mm;
}

/* A process's own pages; those of the image belong to the kernel. */
static bool is_private_page(pte_t pte)
{
	return (pte & _PAGE_V) && (pte & _PAGE_W);
}

struct mm_struct *mm_copy(struct mm_struct *from)
{
	struct mm_struct *mm = mm_alloc();

	if (!mm)
		return NULL;
	for (const struct vm_area *area = vm_areas; area < vm_areas + ARRAY_SIZE(vm_areas); area++) {
		for (ulong va = area->start; va < area->end; va += PAGE_SIZE) {
			pte_t *source = walk(from->pgd, va, false);

			if (!source || !is_private_page(*source))
				continue;

			pte_t *copy = walk(mm->pgd, va, true);
			void *page = copy ? alloc_page() : NULL;

			if (!page) {
				mm_free(mm);
				return NULL;
			}
			memcpy(page, __va(pte_pa(*source)), PAGE_SIZE);
			*copy = make_pte(__pa(page), PAGE_ANON_U);
		}
	}
	return mm;
}

static void free_tables(pte_t *table, int entries, int level)
{
	for (int i = 0; i < entries; i++) {
		if (!(table[i] & _PAGE_V))
			continue;
		if (level > 0)
			free_tables(__va(pte_pa(table[i])), PTRS_PER_TABLE, level - 1);
		else if (is_private_page(table[i]))
			free_page(__va(pte_pa(table[i])));
	}
	free_page(table);
}

/* The CPU must not be using it any more. */
void mm_free(struct mm_struct *mm)
{
	free_tables(mm->pgd, PTRS_PER_TABLE / 2, 2);
	free_page(mm);
}

/* No address-space identifiers: every switch flushes what is not global. */
void switch_mm(struct mm_struct *next)
{
	csr_write(satp, SATP_MODE_39 | __pa(next ? next->pgd : swapper_pg_dir) >> PAGE_SHIFT);
	asm volatile("sfence.vma" ::: "memory");
}
