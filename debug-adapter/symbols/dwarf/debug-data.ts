/** What all readers of variables and functions share: sections, units, types, names of files. */
import type { CTypeReader } from './c-type';
import type { FunctionTable } from './function-table';
import type { FileNames } from './origins';
import type { DwarfSections } from './sections';

export interface DebugData {
  readonly sections: DwarfSections;
  readonly types: CTypeReader;
  readonly functions: FunctionTable;
  readonly fileName: FileNames;
}
