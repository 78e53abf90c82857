import type { InterruptContext, InterruptSource } from '../api';
import { MemoryMap, PLIC_SOURCES } from '../memory-map';
import type { AccessSize, BusDevice } from './bus';

/** Register blocks and their strides (RISC-V PLIC 1.0.0, "Memory Map"). */
const PENDING = 0x1000;
const ENABLE = 0x2000;
const ENABLE_STRIDE = 0x80;
const CONTEXT = 0x20_0000;
const CONTEXT_STRIDE = 0x1000;

/** Priorities 0 (never) to 7, as QEMU's virt board has. */
const PRIORITY_MASK = 7;
const WORDS = (PLIC_SOURCES >> 5) + 1;

/** One target of interrupts: a hart in one privilege mode. */
interface Context {
  readonly enable: Uint32Array;
  threshold: number;
  /** What the context's line was last told. */
  line: boolean;
}

/**
 * The platform-level interrupt controller. Context 2h is hart h in M-mode, 2h+1 in S-mode. All sources are
 * level-triggered: a gateway passes a request on while its source is high and none of its requests is in service, and a
 * request once passed stays pending until it is claimed (PLIC 1.0.0 §"Interrupt Gateways").
 */
export class Plic implements BusDevice {
  readonly name = 'plic';
  readonly base = MemoryMap.plic.base;
  readonly size = MemoryMap.plic.size;
  readonly accessSizes = [4] as const;
  private readonly priority = new Uint32Array(PLIC_SOURCES + 1);
  private readonly pending = new Uint32Array(WORDS);
  private readonly inService = new Uint32Array(WORDS);
  private readonly level = new Uint32Array(WORDS);
  private readonly contexts: Context[];
  private readonly setLine: (context: number, level: boolean) => void;

  /** @param setLine told when the external interrupt line of a context changes. */
  constructor(harts: number, setLine: (context: number, level: boolean) => void) {
    this.contexts = Array.from({ length: harts * 2 }, () => ({
      enable: new Uint32Array(WORDS),
      threshold: 0,
      line: false,
    }));
    this.setLine = setLine;
  }

  /** The wire of a source, 1 to {@link PLIC_SOURCES}. */
  setSource(source: number, level: boolean): void {
    if (has(this.level, source) === level) return;
    assign(this.level, source, level);
    this.forward(source);
    this.updateLines();
  }

  read(_hart: number, offset: number): bigint {
    return BigInt(this.readRegister(offset) >>> 0);
  }

  write(_hart: number, offset: number, _size: AccessSize, value: bigint): void {
    this.writeRegister(offset, Number(value));
    this.updateLines();
  }

  state(): readonly number[] {
    return [
      ...this.priority,
      ...this.pending,
      ...this.inService,
      ...this.level,
      ...this.contexts.flatMap((context) => [...context.enable, context.threshold]),
    ];
  }

  /** A source as it is. */
  describe(source: number): Omit<InterruptSource, 'device'> {
    return {
      source,
      priority: this.priority[source] ?? 0,
      level: has(this.level, source),
      pending: has(this.pending, source),
      inService: has(this.inService, source),
    };
  }

  describeContexts(): readonly InterruptContext[] {
    return this.contexts.map(({ enable, threshold }, context) => ({
      hart: context >> 1,
      privilege: context % 2 === 0 ? 3 : 1,
      threshold,
      enabled: Array.from({ length: PLIC_SOURCES }, (_, n) => n + 1).filter((source) => has(enable, source)),
    }));
  }

  private readRegister(offset: number): number {
    if (offset < PENDING) return this.priority[offset >> 2] ?? 0;
    if (offset < ENABLE) return this.pending[(offset - PENDING) >> 2] ?? 0;
    if (offset < CONTEXT) return this.enables(offset)?.[((offset - ENABLE) % ENABLE_STRIDE) >> 2] ?? 0;
    const context = this.contexts[Math.floor((offset - CONTEXT) / CONTEXT_STRIDE)];
    if (context === undefined) return 0;
    switch ((offset - CONTEXT) % CONTEXT_STRIDE) {
      case 0:
        return context.threshold;
      case 4:
        return this.claim(context);
      default:
        return 0;
    }
  }

  private writeRegister(offset: number, value: number): void {
    if (offset < PENDING) {
      const source = offset >> 2;
      if (source >= 1 && source <= PLIC_SOURCES) this.priority[source] = value & PRIORITY_MASK;
    } else if (offset < ENABLE) {
      return; // Pending bits are read-only.
    } else if (offset < CONTEXT) {
      const word = ((offset - ENABLE) % ENABLE_STRIDE) >> 2;
      const enable = this.enables(offset);
      // Source 0 does not exist, nor do those above the last.
      if (enable && word < WORDS) enable[word] = value & existing(word);
    } else {
      const context = this.contexts[Math.floor((offset - CONTEXT) / CONTEXT_STRIDE)];
      if (context === undefined) return;
      const register = (offset - CONTEXT) % CONTEXT_STRIDE;
      if (register === 0) context.threshold = value & PRIORITY_MASK;
      if (register === 4) this.complete(context, value);
    }
  }

  private enables(offset: number): Uint32Array | undefined {
    return this.contexts[Math.floor((offset - ENABLE) / ENABLE_STRIDE)]?.enable;
  }

  /** The gateway: a high source that is not in service becomes pending. */
  private forward(source: number): void {
    if (has(this.level, source) && !has(this.inService, source)) assign(this.pending, source, true);
  }

  /** The highest-priority request for a context, the lowest number among equals; 0 if there is none. */
  private best(context: Context): number {
    let best = 0;
    for (let word = 0; word < WORDS; word++) {
      let requests = this.pending[word]! & context.enable[word]!;
      while (requests !== 0) {
        const source = word * 32 + 31 - Math.clz32(requests & -requests);
        if (this.priority[source]! > this.priority[best]!) best = source;
        requests &= requests - 1;
      }
    }
    return best;
  }

  /** The threshold does not hide a request from a claim (PLIC 1.0.0 §"Interrupt Claim Process"). */
  private claim(context: Context): number {
    const source = this.best(context);
    if (source !== 0) {
      assign(this.pending, source, false);
      assign(this.inService, source, true);
      this.updateLines();
    }
    return source;
  }

  private complete(context: Context, source: number): void {
    if (source < 1 || source > PLIC_SOURCES || !has(context.enable, source)) return;
    assign(this.inService, source, false);
    this.forward(source);
  }

  private updateLines(): void {
    this.contexts.forEach((context, index) => {
      const level = this.priority[this.best(context)]! > context.threshold;
      if (level === context.line) return;
      context.line = level;
      this.setLine(index, level);
    });
  }
}

function has(bits: Uint32Array, source: number): boolean {
  return ((bits[source >> 5]! >>> (source & 31)) & 1) !== 0;
}

function assign(bits: Uint32Array, source: number, value: boolean): void {
  const mask = 1 << (source & 31);
  bits[source >> 5] = value ? bits[source >> 5]! | mask : bits[source >> 5]! & ~mask;
}

/** The bits of an enable word that stand for sources there are. */
function existing(word: number): number {
  let mask = 0;
  for (let bit = 0; bit < 32; bit++) {
    const source = word * 32 + bit;
    if (source >= 1 && source <= PLIC_SOURCES) mask |= 1 << bit;
  }
  return mask;
}
