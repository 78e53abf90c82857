# Walks frame records by hand in gdb, on a machine that QEMU runs: the oracle for our own unwinder.
#
# Follows the records as Linux's metadata series writes them (docs/unwinder-rules.md, R1 to R8), reading memory and
# registers through gdb and names from gdb's symbol tables; it shares no code with the debugger that it checks.
#
#   WALKS='{"port":1234,"elf":"sample-metadata.elf","stops":[{"break":"tour.c:48","hit":1}]}' gdb-multiarch -nx -batch -x walk.py
#
# Runs until every stop was reached, and prints one line for each, in the order in which they come:
#   QEMU-WALK {"stop": index, "functions": [...], "marks": [...], "stacks": [...], "ptRegs": n, "end": "FINAL" or why not}
# A stop with "task" walks the blocked task of that name instead of the hart that stopped.
import json
import os
import gdb

WALKS = json.loads(os.environ["WALKS"])
THREAD_SIZE = 16384
OVERFLOW_STACK_SIZE = 4096
MASK = (1 << 64) - 1
FINAL, PT_REGS = 1, 2


class WalkEnds(Exception):
    pass


def number(expression):
    return int(gdb.parse_and_eval(expression)) & MASK


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


def boot_offset():
    """Virtual minus physical address of the image. The sample's S-mode kernels are loaded at 0x80200000."""
    start = symbol_address("_start")
    return start - 0x80200000 if start >> 63 else 0


def function_at(pc, is_return_address):
    """The name of the function around pc; a call can be the last instruction, so a return address counts from within it."""
    address = pc - 1 if is_return_address else pc
    if not address >> 63:
        address += boot_offset()
    text = gdb.execute("info symbol 0x%x" % (address & MASK), to_string=True)
    if text.startswith("No symbol"):
        raise WalkEnds("0x%x is not kernel text" % pc)
    return text.split(" ")[0]


def per_cpu(name, cpu):
    return (symbol_address(name) + number("__per_cpu_offset[%d]" % cpu)) & MASK


class Stacks:
    """What may be read: each stack once, and each only upwards (R3, R4)."""

    def __init__(self, task, with_cpu):
        # Before the MMU is on, tp and sp are physical, and what the image says about itself is virtual.
        slide = boot_offset() if not task >> 63 else 0
        low = number("((struct task_struct *)%d)->stack" % task) - slide
        self.bounds = [["task", low, low + THREAD_SIZE]]
        if with_cpu and not slide:
            cpu = number("((struct task_struct *)%d)->thread_info.cpu" % task)
            if number("__per_cpu_offset[%d]" % cpu):
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


def field_offset(struct, member):
    return number("(unsigned long)&((struct %s *)0)->%s" % (struct, member))


def walk(pc, fp, task, blocked):
    """One row a frame: name, mark, stack that its record was read from."""
    rows = [[function_at(pc, blocked), "T" if blocked else "C", None]]
    pt_regs = 0
    try:
        record_in_regs = field_offset("pt_regs", "stackframe")
        regs_size = number("sizeof(struct pt_regs)")
        stacks = Stacks(task, not blocked)
        own_final = stacks.bounds[0][1] + THREAD_SIZE
        own_final += record_in_regs - (regs_size + 15 & ~15)
        rows[0][2] = stacks.name_at(fp - 16) or stacks.name_at(number("$sp"))
        while True:
            record = fp - 16
            if fp & 7 or not stacks.name_at(record):
                raise WalkEnds("no frame record at 0x%x" % record)
            saved_fp, saved_ra = word(record), word(record + 8)
            if saved_fp or saved_ra:
                stack = stacks.consume(record, 16)
                rows.append([function_at(saved_ra, True), "C", stack])
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
            rows.append([function_at(word(regs + field_offset("pt_regs", "epc")), False), "P", stack])
            fp = word(regs + field_offset("pt_regs", "s0"))
    except WalkEnds as end:
        return rows, pt_regs, str(end)
    except gdb.error as error:
        return rows, pt_regs, "gdb: %s" % error


def find_task(comm):
    head = symbol_address("init_task.tasks")
    at = number("init_task.tasks.next")
    while at != head:
        task = at - field_offset("task_struct", "tasks")
        if gdb.parse_and_eval("((struct task_struct *)%d)->comm" % task).string() == comm:
            return task
        at = word(at)
    raise gdb.GdbError("no task named %s" % comm)


def report(index, stop):
    if stop.get("task"):
        task = find_task(stop["task"])
        pc = number("((struct task_struct *)%d)->thread.ra" % task)
        fp = number("((struct task_struct *)%d)->thread.s[0]" % task)
        rows, pt_regs, end = walk(pc, fp, task, True)
    else:
        rows, pt_regs, end = walk(number("$pc"), number("$s0"), number("$tp"), False)
    print("QEMU-WALK " + json.dumps({
        "stop": index,
        "functions": [row[0] for row in rows],
        "marks": [row[1] for row in rows],
        "stacks": [row[2] for row in rows],
        "ptRegs": pt_regs,
        "end": end,
    }), flush=True)


def spec_address(spec):
    if ":" in spec:
        lines = gdb.decode_line(spec)[1]
        if not lines:
            raise gdb.GdbError("no code at %s" % spec)
        return min(line.pc for line in lines)
    name, plus, offset = spec.partition("+")
    return symbol_address(name) + (int(offset, 0) if plus else 0)


def main():
    for command in ("set pagination off", "set confirm off", "set architecture riscv:rv64", "set breakpoint pending off"):
        gdb.execute(command)
    gdb.execute("file " + WALKS["elf"])
    addresses = [spec_address(stop["break"]) for stop in WALKS["stops"]]
    gdb.execute("target remote :%d" % WALKS["port"])
    # Hardware breakpoints, as nothing can be written at virtual addresses before the MMU is on; and only as many.
    slide = boot_offset()
    hits = dict.fromkeys(addresses, 0)
    for address in hits:
        for place in {address, (address - slide) & MASK}:
            gdb.execute("hbreak *0x%x" % place, to_string=True)
    left = len(addresses)
    while left:
        gdb.execute("continue", to_string=True)
        pc = number("$pc")
        address = pc if pc in hits else (pc + slide) & MASK
        hits[address] += 1
        for index, stop in enumerate(WALKS["stops"]):
            if addresses[index] == address and stop["hit"] == hits[address]:
                report(index, stop)
                left -= 1
    gdb.execute("kill", to_string=True)


try:
    main()
except Exception as error:  # gdb's own classes and Python's: whatever it is, the test wants to read it
    print("QEMU-WALK-ERROR %s: %s" % (type(error).__name__, error), flush=True)
