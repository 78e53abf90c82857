/* Pointers and unpredictable branches: a merge sort of a linked list, then walks along it. */
#include "bench.h"

#define NODES 65536
#define ROUNDS 30

struct node {
	struct node *next;
	u64 key;
};

static struct node pool[NODES];

static struct node *build(u64 *seed)
{
	for (u32 i = 0; i < NODES; i++) {
		pool[i].key = next_random(seed) >> 16;
		pool[i].next = i + 1 < NODES ? &pool[i + 1] : 0;
	}
	return pool;
}

static struct node *merge(struct node *a, struct node *b)
{
	struct node head, *tail = &head;

	while (a && b) {
		if (a->key <= b->key) {
			tail->next = a;
			a = a->next;
		} else {
			tail->next = b;
			b = b->next;
		}
		tail = tail->next;
	}
	tail->next = a ? a : b;
	return head.next;
}

static struct node *sort(struct node *list)
{
	struct node *slow = list, *fast, *half;

	if (!list || !list->next)
		return list;
	for (fast = list->next; fast && fast->next; fast = fast->next->next)
		slow = slow->next;
	half = slow->next;
	slow->next = 0;
	return merge(sort(list), sort(half));
}

int main(void)
{
	u64 seed = 88172645463325252, sum = 0;

	for (int round = 0; round < ROUNDS; round++) {
		struct node *list = sort(build(&seed));

		for (int walk = 0; walk < 10; walk++) {
			u64 index = 0;

			for (struct node *node = list; node; node = node->next)
				sum = sum * 31 + (node->key ^ index++);
		}
	}
	return check(sum, 0xd7c1134a81116952);
}
