import type { HartControl, InterruptLine } from './core/api';

/** The interrupt lines that devices drive, remembered for a hart that is reset while a device holds its line. */
export class Lines {
  private readonly harts: readonly HartControl[];
  private readonly high: readonly Set<InterruptLine>[];

  constructor(harts: readonly HartControl[]) {
    this.harts = harts;
    this.high = harts.map(() => new Set());
  }

  set(hart: number, line: InterruptLine, level: boolean): void {
    if (level) this.high[hart]!.add(line);
    else this.high[hart]!.delete(line);
    this.harts[hart]!.setInterruptLine(line, level);
  }

  restore(hart: number): void {
    for (const line of this.high[hart]!) this.harts[hart]!.setInterruptLine(line, true);
  }
}
