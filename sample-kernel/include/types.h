/* SPDX-License-Identifier: MIT */
#ifndef TYPES_H
#define TYPES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef unsigned long ulong;

#define noinline      __attribute__((noinline))
#define always_inline inline __attribute__((always_inline))
#define __aligned(n)  __attribute__((aligned(n)))
#define __section(s)  __attribute__((section(s)))
#define __init        __section(".init.text")

#define ARRAY_SIZE(a)    (sizeof(a) / sizeof((a)[0]))
#define ALIGN_UP(x, n)   (((x) + (n)-1) & ~((ulong)(n)-1))
#define ALIGN_DOWN(x, n) ((x) & ~((ulong)(n)-1))
#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#define READ_ONCE(x)     (*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile typeof(x) *)&(x) = (v))

/*
 * gcc's functions that call nothing save s0 but not ra, so s0 - 16 holds no frame record (a "compact leaf"). Where such a
 * function should appear in traces this makes it keep a full one.
 */
#define KEEP_FRAME_RECORD() asm volatile("" ::: "ra")

/* Errors are negative numbers, with Linux's values. */
#define ENOENT 2
#define ECHILD 10
#define EAGAIN 11
#define ENOMEM 12
#define EFAULT 14
#define EINVAL 22
#define EMFILE 24
#define EPIPE  32
#define ENOSYS 38
#define EBADF  9

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD_INIT(name) { &(name), &(name) }

static inline void list_init(struct list_head *head)
{
	head->next = head->prev = head;
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

/* Inserts before `at`; with a list's head that is its tail. */
static inline void list_add_tail(struct list_head *item, struct list_head *at)
{
	item->next = at;
	item->prev = at->prev;
	at->prev->next = item;
	at->prev = item;
}

/* Leaves the item as an empty list, so that deleting twice is harmless. */
static inline void list_del(struct list_head *item)
{
	item->prev->next = item->next;
	item->next->prev = item->prev;
	list_init(item);
}

void *memset(void *to, int byte, size_t n);
void *memcpy(void *to, const void *from, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
const char *strstr(const char *text, const char *word);

#endif
