# Walks frame records by hand in gdb, on a machine that QEMU runs: the oracle for our own unwinder.
#
# Follows the records as Linux's metadata series writes them (docs/unwinder-rules.md, R1 to R8), reading memory and
# registers through gdb and names from gdb's symbol tables; it shares no code with the debugger that it checks.
#
#   WALKS='{"port":1234,"elf":"sample-metadata.elf","stops":[{"break":"tour.c:48","hit":1}]}' gdb-multiarch -nx -batch -x walk.py
#
# Runs until every stop was reached, and prints one line for each, in the order in which they come: QEMU-WALK and what
# qemu-walk.ts calls a QemuWalk as JSON, with the index of the stop. Stops are what it calls a QemuStop.
import collections
import functools
import json
import os
import re
import gdb

WALKS = json.loads(os.environ["WALKS"])
THREAD_SIZE = 16384
OVERFLOW_STACK_SIZE = 4096
MASK = (1 << 64) - 1
FINAL, PT_REGS = 1, 2


# `address` is the one that the function was looked up at, as linked.
Row = collections.namedtuple("Row", "function address mark stack")


class WalkEnds(Exception):
    pass


def number(expression):
    return int(gdb.parse_and_eval(expression)) & MASK


@functools.cache
def symbol_address(name):
    return number("(unsigned long)&%s" % name)


def word(address):
    if address & 7:
        raise WalkEnds("misaligned address 0x%x" % address)
    try:
        data = gdb.selected_inferior().read_memory(address, 8)
    except gdb.MemoryError:
        raise WalkEnds("cannot read 0x%x" % address)
    return int.from_bytes(bytes(data), "little")


@functools.cache
def boot_offset():
    """Virtual minus physical address of the image. The sample's S-mode kernels are loaded at 0x80200000."""
    start = symbol_address("_start")
    return start - 0x80200000 if start >> 63 else 0


def function_at(pc, is_return_address):
    """The function around pc, and where it was looked up; a call can be the last instruction, so a return address counts from within it."""
    address = pc - 1 if is_return_address else pc
    if not address >> 63:
        address = (address + boot_offset()) & MASK
    name = text_symbol(address)
    if name is None:
        raise WalkEnds("0x%x is not kernel text" % pc)
    return name, address


@functools.cache
def text_symbol(address):
    """`start_kernel + 6 in section .init.text`, as gdb says it, without what is behind the name."""
    text = gdb.execute("info symbol 0x%x" % address, to_string=True)
    return text.split(" ")[0] if "text" in text.split(" in section ")[-1] else None


@functools.cache
def struct(name):
    """As one file has it: gdb would look for a name without context in hundreds."""
    return gdb.lookup_type("struct " + name, gdb.block_for_pc(symbol_address("start_kernel")))


@functools.cache
def field_offset(struct_name, path):
    member = gdb.Value(0).cast(struct(struct_name).pointer()).dereference()
    for name in path.split("."):
        member = member[name]
    return int(member.address)


def task_word(task, member):
    return word(task + field_offset("task_struct", member))


def per_cpu_offset(cpu):
    return word(symbol_address("__per_cpu_offset") + 8 * cpu)


def per_cpu(name, cpu):
    return (symbol_address(name) + per_cpu_offset(cpu)) & MASK


class Stacks:
    """What may be read: each stack once, and each only upwards (R3, R4)."""

    def __init__(self, task, with_cpu):
        # Before the MMU is on, tp and sp are physical, and what the image says about itself is virtual.
        slide = boot_offset() if not task >> 63 else 0
        low = task_word(task, "stack") - slide
        self.bounds = [["task", low, low + THREAD_SIZE]]
        if with_cpu and not slide:
            cpu = task_word(task, "thread_info.cpu") & 0xffffffff
            if per_cpu_offset(cpu):
                irq = word(per_cpu("irq_stack_ptr", cpu))
                overflow = per_cpu("overflow_stack", cpu)
                self.bounds.append(["irq", irq, irq + THREAD_SIZE])
                self.bounds.append(["overflow", overflow, overflow + OVERFLOW_STACK_SIZE])
        self.current = None

    def consume(self, address, size):
        candidates = ([self.current] if self.current else []) + self.bounds
        for stack in candidates:
            if stack[1] <= address and address + size <= stack[2]:
                if stack in self.bounds:
                    self.bounds.remove(stack)
                stack[1] = address + size
                self.current = stack
                return stack[0]
        raise WalkEnds("0x%x is in no stack that may be read" % address)

    def name_at(self, address, size=16):
        for stack in ([self.current] if self.current else []) + self.bounds:
            if stack[1] <= address and address + size <= stack[2]:
                return stack[0]
        return None


def walk(pc, fp, task, blocked):
    """One row a frame, with the stack that its record was read from; exception boundaries; and how it ended."""
    rows = [Row(*function_at(pc, blocked), "T" if blocked else "C", None)]
    pt_regs = 0
    try:
        record_in_regs = field_offset("pt_regs", "stackframe")
        regs_size = struct("pt_regs").sizeof
        stacks = Stacks(task, not blocked)
        own_final = stacks.bounds[0][1] + THREAD_SIZE
        own_final += record_in_regs - (regs_size + 15 & ~15)
        rows[0] = rows[0]._replace(stack=stacks.name_at(fp - 16) or stacks.name_at(number("$sp")))
        while True:
            record = fp - 16
            if fp & 7 or not stacks.name_at(record):
                raise WalkEnds("no frame record at 0x%x" % record)
            saved_fp, saved_ra = word(record), word(record + 8)
            if saved_fp or saved_ra:
                stack = stacks.consume(record, 16)
                rows.append(Row(*function_at(saved_ra, True), "C", stack))
                fp = saved_fp
                continue
            kind = word(fp)
            if kind == FINAL:
                if record != own_final:
                    raise WalkEnds("FINAL at 0x%x, not in the task's own pt_regs" % record)
                return rows, pt_regs, "FINAL"
            if kind != PT_REGS:
                raise WalkEnds("metadata type %d" % kind)
            regs = record - record_in_regs
            stack = stacks.consume(regs, regs_size)
            pt_regs += 1
            rows.append(Row(*function_at(word(regs + field_offset("pt_regs", "epc")), False), "P", stack))
            fp = word(regs + field_offset("pt_regs", "s0"))
    except WalkEnds as end:
        return rows, pt_regs, str(end)
    except gdb.error as error:
        return rows, pt_regs, "gdb: %s" % error


def blocked_tasks(comm):
    """Those of that name which no hart runs. tp is the task while a hart is in the kernel, sscratch while it is in user mode."""
    running = set()
    selected = gdb.selected_thread()
    for thread in gdb.selected_inferior().threads():
        thread.switch()
        running |= {number("$tp"), number("$sscratch")}
    selected.switch()
    head = symbol_address("init_task") + field_offset("task_struct", "tasks")
    at = word(head)
    while at != head:
        task = at - field_offset("task_struct", "tasks")
        name = gdb.selected_inferior().read_memory(task + field_offset("task_struct", "comm"), 16)
        if task not in running and bytes(name).split(b"\0")[0].decode() == comm:
            yield task
        at = word(at)


def backtrace():
    """gdb's own, by call frame information: as far as the first function in assembly, which has none."""
    addresses = []
    frame = gdb.newest_frame()
    while frame is not None and frame.find_sal().symtab is not None:
        if frame.type() != gdb.INLINE_FRAME:
            addresses.append(frame.pc() - (1 if addresses else 0))
        if frame.find_sal().symtab.filename.endswith(".S"):
            break
        frame = frame.older()
    return addresses


def report(index, rows, pt_regs, end, addresses):
    print("QEMU-WALK " + json.dumps({
        "stop": index,
        "functions": [row.function for row in rows],
        "addresses": ["0x%x" % row.address for row in rows],
        "marks": [row.mark for row in rows],
        "stacks": [row.stack for row in rows],
        "ptRegs": pt_regs,
        "end": end,
        "backtrace": ["0x%x" % address for address in addresses],
    }), flush=True)


def reached(stop, hit):
    """The walk of a stop, if this is the one that it means."""
    if stop.get("hit", hit) != hit:
        return None
    if stop.get("task"):
        walks = (walk(task_word(task, "thread.ra"), task_word(task, "thread.s"), task, True)
                 for task in blocked_tasks(stop["task"]))
    else:
        walks = [walk(number("$pc"), number("$s0"), number("$tp"), False)]
    for rows, pt_regs, end in walks:
        chain = " ".join(("P:" if row.mark == "P" else "") + row.function for row in rows) + " " + end
        if re.search(stop.get("where", ""), chain):
            return rows, pt_regs, end
    return None


def spec_address(spec):
    if spec.startswith("*"):
        return int(spec[1:], 0)
    if ":" in spec:
        lines = gdb.decode_line(spec)[1]
        if not lines:
            raise gdb.GdbError("no code at %s" % spec)
        return min(line.pc for line in lines)
    name, plus, offset = spec.partition("+")
    return symbol_address(name) + (int(offset, 0) if plus else 0)


def arm(address):
    """Hardware breakpoints, as nothing can be written at virtual addresses before the MMU is on."""
    places = {address, (address - boot_offset()) & MASK}
    return [gdb.Breakpoint("*0x%x" % place, gdb.BP_HARDWARE_BREAKPOINT, internal=True) for place in places]


def main():
    for command in ("set pagination off", "set confirm off", "set suppress-cli-notifications on",
                    "set breakpoint always-inserted on", "set architecture riscv:rv64", "set breakpoint pending off"):
        gdb.execute(command)
    gdb.execute("file " + WALKS["elf"])
    waiting = {}
    for index, stop in enumerate(WALKS["stops"]):
        waiting.setdefault(spec_address(stop["break"]), {})[index] = stop
    gdb.execute("target remote :%d" % WALKS["port"])
    hits = dict.fromkeys(waiting, 0)
    armed = {address: arm(address) for address in waiting}
    while waiting:
        gdb.execute("continue", to_string=True)
        pc = number("$pc")
        address = pc if pc in hits else (pc + boot_offset()) & MASK
        hits[address] += 1
        for index, stop in list(waiting[address].items()):
            found = reached(stop, hits[address])
            if found:
                report(index, *found, [] if stop.get("task") else backtrace())
                del waiting[address][index]
        # One where nothing more is wanted would only cost time.
        if not waiting[address]:
            del waiting[address]
            for breakpoint in armed[address]:
                breakpoint.delete()
    gdb.execute("kill", to_string=True)


try:
    main()
except Exception as error:  # gdb's own classes and Python's: whatever it is, the test wants to read it
    print("QEMU-WALK-ERROR %s: %s" % (type(error).__name__, error), flush=True)
