/* SPDX-License-Identifier: MIT */
#include "user.h"

void hello(void)
{
	print("[tour] another program\n");
	sys_exit(42);
}
