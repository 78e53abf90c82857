/** Commands of the debug console about page tables. */
import { addressSpaceOf } from '../../debugger/paging/address-space';
import { mappingsFrom } from '../../debugger/paging/mappings';
import { describeSatp, mappingsText } from '../../debugger/paging/walk-text';
import { hex } from '../../unwind/hex';
import { badExpression } from '../errors';
import { walkAddress } from '../page-walk';
import { evaluateOrThrow } from './expressions';
import type { HartCommand } from './hart-commands';

/** Rows of one list: a console keeps all that was printed in it. */
const mostRanges = 200;

export const pageCommands: readonly HartCommand[] = [
  {
    names: ['walk', 'vtop'],
    usage: 'walk ADDRESS [satp=VALUE]',
    help: 'the page tables level by level down to the physical address, or why there is none',
    run(args, frame, state) {
      if (args === '') return undefined;
      const [, address = '', satp] = /^(.*?)(?:\s+satp\s*=([^=].*))?$/.exec(args) ?? [];
      return walkAddress(address, satp, frame(), state).text.trimEnd();
    },
  },
  {
    names: ['info mappings', 'info mem'],
    usage: 'info mappings [ADDRESS]',
    help: `what the page tables map, from ADDRESS on, ${mostRanges} ranges at a time`,
    run(args, frameOf, { debuggee }) {
      const frame = frameOf();
      const start = args === '' ? 0n : evaluateOrThrow(args, frame, debuggee);
      const { satp, tables } = addressSpaceOf(frame.hart, debuggee.target);
      const { mode } = satp;
      if (typeof mode === 'string') {
        throw badExpression(`Hart ${frame.hart.index} has no page tables: satp is ${describeSatp(satp)}.`);
      }
      const { target } = debuggee;
      const mappings = mappingsFrom(
        start,
        { ...tables(mode), readPhysical: (address, length) => target.readPhysical(address, length) },
        mostRanges,
      );
      const { ranges, next } = mappings;
      const list = ranges.length === 0 ? 'Nothing is mapped there.' : mappingsText(mappings);
      return next === undefined ? list : `${list}\nThere is more: info mappings ${hex(next)} goes on.`;
    },
  },
];
