"""Prints what gdb sees of variables of a program on QEMU: all frames, inlined ones too, with their scalars.

$STOP is JSON: port, elf, addresses. Where each of them is reached first, there is a line of JSON behind `VARIABLES `.
"""
import json
import os

import gdb

STOP = json.loads(os.environ["STOP"])
SCALARS = (gdb.TYPE_CODE_INT, gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_ENUM, gdb.TYPE_CODE_BOOL)


def value_of(frame, symbol):
    """None for what is no scalar."""
    try:
        value = symbol.value(frame)
        if value.type.strip_typedefs().code not in SCALARS:
            return None
        if value.is_optimized_out:
            return "optimized out"
        # DW_OP_implicit_pointer: there is no address.
        if "synthetic pointer" in str(value):
            return "optimized out"
        return str(int(value) & ((1 << (8 * value.type.sizeof)) - 1))
    except gdb.error as error:
        return "optimized out" if "optimized out" in str(error) else f"error: {error}"


def variables(frame):
    found = {}
    block = frame.block()
    while block is not None:
        for symbol in block:
            if symbol.is_argument or symbol.is_variable:
                value = value_of(frame, symbol)
                if value is not None:
                    found.setdefault(symbol.name, value)
        if block.function is not None:
            break
        block = block.superblock
    return found


def frames():
    frame = gdb.newest_frame()
    found = []
    while frame is not None:
        try:
            known = variables(frame)
        except RuntimeError:
            known = {}
        found.append({
            "function": frame.name(),
            "inlined": frame.type() == gdb.INLINE_FRAME,
            "variables": known,
        })
        try:
            frame = frame.older()
        except gdb.error:
            break
    return found


for command in ("set confirm off", "set pagination off", "set height 0", "set width 0"):
    gdb.execute(command)
gdb.execute("file " + STOP["elf"], to_string=True)
gdb.execute("target remote :%d" % STOP["port"], to_string=True)
armed = {address: gdb.Breakpoint(f"*{address}") for address in map(int, STOP["addresses"])}
while armed:
    gdb.execute("continue", to_string=True)
    address = int(gdb.parse_and_eval("$pc")) & ((1 << 64) - 1)
    armed.pop(address).delete()
    print("VARIABLES " + json.dumps({"address": str(address), "frames": frames()}))
gdb.execute("kill", to_string=True)
