/* A bytecode interpreter: indirect jumps, with multiplications and divisions in the bytecode that it runs. */
#include "bench.h"

enum op { PUSH, LOAD, STORE, ADD, SUB, MUL, DIV, REM, LESS, JUMP_IF, JUMP, HALT };

#define OUTER 1000000

/*
 * n = OUTER; acc = 1;
 * while (0 < n) { acc = (acc * 1103515245 + n) % 2147483647; sum = sum + acc / (n % 97 + 1); n = n - 1; }
 */
enum { N, ACC, SUM, VARIABLES };

static const u32 program[] = {
	PUSH, OUTER, STORE, N, PUSH, 1, STORE, ACC,
	/* 8: */ PUSH, 0, LOAD, N, LESS, JUMP_IF, 17, JUMP, 55,
	/* 17: */ LOAD, ACC, PUSH, 1103515245, MUL, LOAD, N, ADD, PUSH, 2147483647, REM, STORE, ACC,
	/* 30: */ LOAD, SUM, LOAD, ACC, LOAD, N, PUSH, 97, REM, PUSH, 1, ADD, DIV, ADD, STORE, SUM,
	/* 46: */ LOAD, N, PUSH, 1, SUB, STORE, N, JUMP, 8,
	/* 55: */ HALT,
};

static u64 variables[VARIABLES];

static u64 interpret(const u32 *code)
{
	u64 stack[16], *top = stack;
	u32 pc = 0;

#define BINARY(expression)                      \
	do {                                    \
		u64 right = *--top;             \
		u64 left = *--top;              \
		*top++ = (expression);          \
	} while (0)

	for (;;) {
		switch (code[pc++]) {
		case PUSH:
			*top++ = code[pc++];
			break;
		case LOAD:
			*top++ = variables[code[pc++]];
			break;
		case STORE:
			variables[code[pc++]] = *--top;
			break;
		case ADD:
			BINARY(left + right);
			break;
		case SUB:
			BINARY(left - right);
			break;
		case MUL:
			BINARY(left * right);
			break;
		case DIV:
			BINARY(left / right);
			break;
		case REM:
			BINARY(left % right);
			break;
		case LESS:
			BINARY(left < right);
			break;
		case JUMP_IF:
			pc = *--top ? code[pc] : pc + 1;
			break;
		case JUMP:
			pc = code[pc];
			break;
		default:
			return variables[SUM];
		}
	}
}

int main(void)
{
	return check(interpret(program), 0x33f60208abd3);
}
