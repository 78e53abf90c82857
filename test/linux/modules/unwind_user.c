/* A module that uses another one. */
#include <linux/module.h>
void demo_trace(int depth);
static int __init user_init(void) { demo_trace(0); return 0; }
static void __exit user_exit(void) { }
module_init(user_init);
module_exit(user_exit);
MODULE_LICENSE("GPL");
