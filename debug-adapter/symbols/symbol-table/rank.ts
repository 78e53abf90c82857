/** Which of several symbols at one address names it. */
import { SymbolFlag } from '../elf/symbols';

/** Lower is better. From `weak` on the order is that of Linux 7.3 scripts/kallsyms.c, compare_symbols. */
export function rank(name: string, flags: number): number {
  const underscores = Math.min(name.search(/[^_]|$/), 7);
  return (
    ((flags & SymbolFlag.local) !== 0 ? 4096 : 0) +
    (flags & SymbolFlag.kind) * 512 +
    ((flags & SymbolFlag.sized) !== 0 ? 0 : 256) +
    ((flags & SymbolFlag.global) !== 0 ? 0 : 128) +
    ((flags & SymbolFlag.weak) !== 0 ? 64 : 0) +
    (/^__(start|stop|end)_|^__.*_(start|end)$/.test(name) ? 32 : 0) +
    underscores
  );
}
