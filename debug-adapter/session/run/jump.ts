/** `gotoTargets` and `goto`: a hart goes on at another place of the function that it is in. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { planJump } from '../../debugger/jump';
import { formatLocation, locate } from '../../debugger/location';
import { resolveLine } from '../../debugger/resolve';
import type { TargetHart } from '../../target/target';
import { hex } from '../../unwind/hex';
import { cannotJump, noSuchPlace } from '../errors';
import { Handles } from '../handles';
import type { EventSink } from '../protocol/dispatcher';
import type { Handlers } from '../protocol/requests';
import type { SessionState } from '../state';

export function jumpHandlers(state: SessionState, events: EventSink): Handlers<'gotoTargets' | 'goto'> {
  /** Link-time addresses, by the id that the client has. */
  const targets = new Handles<bigint>();

  return {
    async gotoTargets(args) {
      const debuggee = state.stoppedDebuggee('go somewhere else');
      const hart = state.focusedHart;
      const path = args.source.path;
      if (path === undefined) return { targets: [] };
      const line = state.client.lineIn(args.line);
      const resolution = await resolveLine(debuggee, state.client.pathIn(path), line);
      if (resolution.kind === 'unresolved') throw noSuchPlace(resolution.reason);
      targets.clear();
      // A line may be in many functions. Where none is that of the hart, `goto` says why it refuses.
      const near = resolution.addresses.filter((address) => planJump(debuggee, hart, address).ok);
      const offered = near.length > 0 ? near : resolution.addresses.slice(0, 1);
      return {
        targets: offered.map((address): Dap.GotoTarget => {
          const run = debuggee.kernel.runAddresses(address).at(hart.bare ? -1 : 0) ?? address;
          return {
            id: targets.set(hex(address), address),
            label: formatLocation(locate(debuggee, run, { bare: hart.bare })),
            line: state.client.lineOut(resolution.source?.line ?? line),
            instructionPointerReference: hex(run),
          };
        }),
      };
    },

    goto(args) {
      const address = targets.get(args.targetId);
      if (address === undefined) throw noSuchPlace('This place belongs to an earlier question. Ask again.');
      const hart = state.hart(args.threadId);
      jump(state, events, hart, address);
      events.afterResponse(() =>
        events.event('stopped', {
          reason: 'goto',
          description: 'Moved',
          threadId: hart.index + 1,
          allThreadsStopped: true,
        }),
      );
    },
  };
}

/** Moves the pc to code at a link-time address and says what that means. Throws where it must not. */
export function jump(state: SessionState, events: EventSink, hart: TargetHart, link: bigint): void {
  const debuggee = state.resumableDebuggee('move pc');
  const plan = planJump(debuggee, hart, link);
  if (!plan.ok) throw cannotJump(plan.reason);
  hart.pc = plan.pc;
  state.changed();
  events.event('output', { category: 'important', output: `${plan.warning}\n` });
}
