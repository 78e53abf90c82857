/* SPDX-License-Identifier: MIT */
#include "layout.h"

#ifdef CONFIG_MMU
#define LOAD_OFFSET (KERNEL_LINK_ADDR - KERNEL_LOAD_ADDR)
#else
#define LOAD_OFFSET 0
#endif

OUTPUT_ARCH(riscv)
ENTRY(_start)

PHDRS
{
	text PT_LOAD FLAGS(5);
	user PT_LOAD FLAGS(5);
	data PT_LOAD FLAGS(6);
}

SECTIONS
{
	. = KERNEL_LINK_ADDR;
	_stext = .;
	.head.text : AT(ADDR(.head.text) - LOAD_OFFSET) { *(.head.text) } :text
	__init_begin = .;
	.init.text : AT(ADDR(.init.text) - LOAD_OFFSET) { *(.init.text) } :text
	__init_end = .;
	.text : AT(ADDR(.text) - LOAD_OFFSET) {
		*(.text .text.*)
		*(.irqentry.text)
	} :text
	_etext = .;
	.rodata : AT(ADDR(.rodata) - LOAD_OFFSET) {
		*(.rodata .rodata.* .srodata .srodata.*)
		. = ALIGN(8);
		__start___ex_table = .;
		*(__ex_table)
		__stop___ex_table = .;
	} :text

	/*
	 * The user programs: one read-only image, linked where processes see it. The kernel finds it at __user_image
	 * and maps these very pages. Without an MMU processes run it in place.
	 */
	. = ALIGN(PAGE_SIZE);
	__user_image = .;
#ifdef CONFIG_MMU
	.user 0x10000 : AT(__user_image - LOAD_OFFSET) {
#else
	.user : {
#endif
		*(.user.text) *(.user.rodata .user.rodata.*)
		. = ALIGN(PAGE_SIZE);
	} :user
	. = __user_image + SIZEOF(.user);
	__user_image_end = .;

	.data : AT(ADDR(.data) - LOAD_OFFSET) {
		. = ALIGN(THREAD_ALIGN);
		__start_init_stack = .;
		init_thread_union = .;
		init_stack = .;
		. += THREAD_SIZE;
		__end_init_stack = .;
		*(.data)
		__global_pointer$ = . + 0x800;
		*(.sdata .sdata.*)
	} :data
	. = ALIGN(64);
	.data..percpu : AT(ADDR(.data..percpu) - LOAD_OFFSET) {
		__per_cpu_start = .;
		*(.data..percpu)
		. = ALIGN(64);
		__per_cpu_end = .;
	} :data
	.bss : AT(ADDR(.bss) - LOAD_OFFSET) {
		. = ALIGN(PAGE_SIZE);
		__bss_start = .;
		*(.sbss .sbss.* .bss .bss.* COMMON)
		. = ALIGN(8);
		__bss_stop = .;
	} :data
	. = ALIGN(PAGE_SIZE);
	_end = .;

	/DISCARD/ : { *(.user.data .user.bss .user.sdata .user.sbss) *(.comment) *(.note.*) *(.eh_frame) *(.riscv.attributes) }
}
