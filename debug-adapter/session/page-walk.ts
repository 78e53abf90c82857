/** `riscvUnwind/walkAddress`: a walk through the page tables of a hart, level by level. */
import { addressSpaceOf, type AddressSpace } from '../debugger/paging/address-space';
import { walkPages, type PageWalk } from '../debugger/paging/page-walk';
import { describeSatp, levelsText, outcomeText, pmpText } from '../debugger/paging/walk-text';
import { describeWord } from '../debugger/symbolic';
import { hex } from '../unwind/hex';
import { evaluateOrThrow } from './console/expressions';
import type { WalkAddressBody } from './protocol/custom';
import type { Handlers } from './protocol/requests';
import type { SelectedFrame } from './call-stacks';
import type { SessionState } from './state';

export function pageWalkHandlers(state: SessionState): Handlers<'riscvUnwind/walkAddress'> {
  return {
    'riscvUnwind/walkAddress'({ address, satp, frameId }) {
      state.stoppedDebuggee('walk its page tables');
      const frame = state.frame(frameId);
      return walkAddress(address, satp, frame, state);
    },
  };
}

/** Both are expressions; without the second, satp is the hart's. Throws a `RequestError` for what has no value. */
export function walkAddress(
  expression: string,
  satpExpression: string | undefined,
  frame: SelectedFrame,
  { debuggee }: SessionState,
): WalkAddressBody {
  const { hart } = frame;
  const address = evaluateOrThrow(expression, frame, debuggee);
  const otherSatp =
    satpExpression === undefined ? undefined : evaluateOrThrow(satpExpression, frame, debuggee);
  const space = addressSpaceOf(hart, debuggee.target, otherSatp);
  const { mode } = space.satp;
  const title = [
    describeWord(address, hart, debuggee),
    `satp ${hex(space.satp.bits)}${space.isCurrent ? ` of hart ${hart.index}` : ''}: ${describeSatp(space.satp)}`,
  ];
  if (typeof mode === 'string') {
    const physical = mode === 'bare' ? [pmpText(address, space)] : [];
    return {
      ...asData({ levels: [], outcome: undefined }, space),
      text: [...title, ...physical, ''].join('\n'),
    };
  }
  const walk = walkPages(address, space.tables(mode));
  const note =
    hart.bare && space.isCurrent
      ? [`Hart ${hart.index} is in M-mode, where this address is physical: the walk is that of S-mode.`]
      : [];
  const table = levelsText(walk);
  const steps = table === '' ? [] : [table, ''];
  const text = [...title, ...note, '', ...steps, outcomeText(walk, space), ''].join('\n');
  return { ...asData(walk, space), text };
}

function asData(
  {
    levels,
    outcome,
  }: { readonly levels: PageWalk['levels']; readonly outcome: PageWalk['outcome'] | undefined },
  { satp }: AddressSpace,
): Omit<WalkAddressBody, 'text'> {
  return {
    satp: hex(satp.bits),
    mode: typeof satp.mode === 'string' ? satp.mode : satp.mode.name,
    levels: levels.map(({ level, table, index, at, entry }) => ({
      level,
      table: hex(table),
      index,
      address: hex(at),
      ...(entry && { entry: hex(entry.bits) }),
    })),
    ...(outcome?.kind === 'mapped' && {
      physical: hex(outcome.physical),
      pageSize: Number(outcome.page.size),
    }),
    ...(outcome?.kind === 'fault' && { fault: outcome.fault, reason: outcome.reason }),
  };
}
