"""Says in gdb what a program's debug information means. The questions are a JSON file named by $QUESTIONS; prints answers as JSON.

Types are described by one line each that the test writes, too: see c-types.test.ts.
"""
import json
import os

import gdb

QUALIFIERS = (("const", "is_const"), ("volatile", "is_volatile"))


def describe(type_, depth):
    unqualified = type_.unqualified()
    if str(unqualified) != str(type_):
        return "cv " + describe(unqualified, depth)
    code = type_.code
    if code == gdb.TYPE_CODE_TYPEDEF:
        return f"{type_.name}={describe(type_.target(), depth)}"
    if code == gdb.TYPE_CODE_PTR:
        return f"*{type_.sizeof}"
    if code == gdb.TYPE_CODE_ARRAY:
        low, high = type_.range()
        return f"[{high - low + 1}]{describe(type_.target(), depth)}"
    if code == gdb.TYPE_CODE_ENUM:
        values = ",".join(f"{field.name}={field.enumval}" for field in type_.fields())
        return f"enum {type_.name}{{{values}}}"
    if code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
        kind = "struct" if code == gdb.TYPE_CODE_STRUCT else "union"
        if depth == 0:
            return f"{kind} {type_.name}({type_.sizeof})"
        members = ";".join(member(field, depth - 1) for field in type_.fields())
        return f"{kind} {type_.name}({type_.sizeof}){{{members}}}"
    if code == gdb.TYPE_CODE_BOOL:
        return f"bool{type_.sizeof}"
    if code == gdb.TYPE_CODE_FLT:
        return f"float{type_.sizeof}"
    if code == gdb.TYPE_CODE_FUNC:
        return "function"
    if code == gdb.TYPE_CODE_VOID:
        return "void"
    if code == gdb.TYPE_CODE_INT:
        return f"{'int' if type_.is_signed else 'unsigned'}{type_.sizeof}"
    return f"code {code}"


def member(field, depth):
    bits = f":{field.bitsize}" if field.bitsize else ""
    return f"{field.name or ''}@{field.bitpos}{bits} {describe(field.type, depth)}"


def type_of(name):
    try:
        return describe(find_type(name), 3)
    except gdb.error as error:
        return f"error: {error}"


def find_type(name):
    try:
        return gdb.lookup_type(name)
    except gdb.error:
        # A basic type by other words than debug information has.
        return gdb.parse_and_eval(f"({name}) 0").type


def value_of(expression):
    try:
        return str(int(gdb.parse_and_eval(expression)))
    except gdb.error as error:
        return f"error: {error}"


def functions_at(pc):
    """The functions from the innermost on, each with the names of its variables, sorted."""
    found = []
    names = []
    block = gdb.block_for_pc(pc)
    while block is not None and not block.is_static:
        names += [symbol.name for symbol in block if is_variable(symbol)]
        if block.function is not None:
            found.append([block.function.name, sorted(names)])
            names = []
        block = block.superblock
    return found


def is_variable(symbol):
    return symbol.addr_class not in (gdb.SYMBOL_LOC_TYPEDEF, gdb.SYMBOL_LOC_BLOCK, gdb.SYMBOL_LOC_LABEL)


with open(os.environ["QUESTIONS"], encoding="utf-8") as file:
    questions = json.load(file)
print(
    json.dumps(
        {
            "types": [type_of(name) for name in questions["types"]],
            "values": [value_of(expression) for expression in questions["values"]],
            "functions": [functions_at(int(pc, 16)) for pc in questions["functions"]],
        }
    )
)
