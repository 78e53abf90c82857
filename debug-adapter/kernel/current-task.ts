/**
 * Which register holds the task that a hart runs. The kernel keeps it in tp and 0 in sscratch; while user mode runs it is in
 * sscratch and tp is the user's, who may put anything there. In trap entry and exit the two are exchanged, and the place
 * tells which is which (arch/riscv/kernel/entry.S, Linux 5.4 to 7.3). M-mode kernels use mscratch and mstatus.
 */
import type { Program } from '../symbols/api';
import type { HartState } from './api';
import { csr } from './csr';
import type { KernelImage } from './kernel-image';

const tp = 4;
/** sstatus.SPP and mstatus.MPP: 0 if the trap came from user mode (priv 1.13 §3.1.6.1). */
const spp = 1n << 8n;
const mpp = 3n << 11n;

export class CurrentTask {
  readonly #image: KernelImage;
  readonly #entry: bigint | undefined;
  readonly #exit: bigint | undefined;
  readonly #exitEnd: bigint | undefined;

  constructor(program: Program, image: KernelImage) {
    const address = (name: string) => program.symbols.named(name)[0]?.address;
    const end = (name: string) => {
      const symbol = program.symbols.named(name)[0];
      return symbol && symbol.address + BigInt(symbol.size);
    };
    this.#image = image;
    this.#entry = address('handle_exception');
    this.#exit = address('ret_from_exception') ?? end('handle_exception');
    this.#exitEnd = address('ret_from_exception_end') ?? end('ret_from_exception');
  }

  /** The address that is in that register, whether or not there is a task yet. */
  address(hart: HartState): bigint {
    const machine = this.#image.offset === 0n;
    const scratch = hart.getCsr(machine ? csr.mscratch : csr.sscratch) ?? 0n;
    if (hart.privilege === 'user') return scratch;
    const pointer = hart.getX(tp);
    const pc = this.#link(hart);
    // The vector's first instruction is the exchange.
    if (pc === this.#entry) return cameFromUser(hart, machine) ? scratch : pointer;
    // From the kernel the exchange leaves 0 in tp until it is undone; from the user it has brought the task.
    if (isWithin(pc, this.#entry, this.#exit)) return pointer === 0n ? scratch : pointer;
    // On the way to user mode sscratch is written before tp becomes the user's; on the way to the kernel it stays 0.
    if (isWithin(pc, this.#exit, this.#exitEnd)) return scratch === 0n ? pointer : scratch;
    return pointer;
  }

  #link({ pc, bare }: HartState): bigint {
    return this.#image.runningToLink(pc) ?? (bare ? this.#image.physicalToLink(pc) : undefined) ?? pc;
  }
}

function cameFromUser(hart: HartState, machine: boolean): boolean {
  const status = hart.getCsr(machine ? csr.mstatus : csr.sstatus) ?? 0n;
  return (status & (machine ? mpp : spp)) === 0n;
}

function isWithin(pc: bigint, start: bigint | undefined, end: bigint | undefined): boolean {
  return start !== undefined && end !== undefined && pc >= start && pc < end;
}
