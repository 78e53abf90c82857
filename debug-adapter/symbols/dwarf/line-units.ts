/** The line programs of `.debug_line`, and which units of `.debug_info` they belong to. */
import { AT } from './constants';
import { readLineHeader, type LineHeader } from './line-header';
import type { DwarfSections } from './sections';
import type { SourceFiles } from './source-files';
import { readInitialLength, type Unit } from './units';

/** DW_LANG_Mips_Assembler, which all assemblers write. */
const DW_LANG_ASSEMBLER = 0x8001n;

/** A line program; its header is read when first asked for. */
export class LineUnit {
  /** Units of `.debug_info` that refer to it. */
  readonly units: Unit[] = [];
  readonly #offset: number;
  readonly #sections: DwarfSections;
  readonly #sources: SourceFiles;
  #header: LineHeader | undefined | null = null;

  constructor(offset: number, sections: DwarfSections, sources: SourceFiles) {
    this.#offset = offset;
    this.#sections = sections;
    this.#sources = sources;
  }

  /** `undefined` if it is damaged. */
  readHeader(): LineHeader | undefined {
    if (this.#header === null) {
      const [unit] = this.units;
      const directory = unit?.root.get(AT.comp_dir);
      const compilationDirectory = directory?.kind === 'string' ? directory.value : undefined;
      const context = { compilationDirectory, unit };
      this.#header = readLineHeader(this.#sections, this.#offset, context, this.#sources);
    }
    return this.#header;
  }

  /** Whether its unit says that an assembler made it. */
  get isAssembly(): boolean {
    return this.units.some(({ root }) => {
      const language = root.get(AT.language);
      const name = root.get(AT.name);
      return (
        (language?.kind === 'constant' && language.value === DW_LANG_ASSEMBLER) ||
        (name?.kind === 'string' && /\.s$/i.test(name.value))
      );
    });
  }
}

/** The line programs, in the section's order. */
export function listLineUnits(
  sections: DwarfSections,
  units: readonly Unit[],
  sources: SourceFiles,
  warnings: string[],
): LineUnit[] {
  const byOffset = new Map<number, LineUnit>();
  const reader = sections.readerAt('line', 0);
  while (reader.more()) {
    const offset = reader.offset;
    const { end } = readInitialLength(reader);
    if (reader.failed() || end > reader.end) {
      warnings.push(`Section .debug_line is damaged at 0x${offset.toString(16)}: lines may be missing.`);
      break;
    }
    byOffset.set(offset, new LineUnit(offset, sections, sources));
    reader.offset = end;
  }
  for (const unit of units) {
    const list = unit.root.get(AT.stmt_list);
    // DWARF 2 and 3 used data4 and data8 for offsets.
    if (list?.kind === 'offset' || list?.kind === 'constant')
      byOffset.get(Number(list.value))?.units.push(unit);
  }
  return [...byOffset.values()];
}
