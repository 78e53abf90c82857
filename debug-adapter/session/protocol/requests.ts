/** Every request that this adapter answers, with its arguments and body as the protocol's own types have them. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type {
  CompareWalksArguments,
  CompareWalksBody,
  ConsoleInputArguments,
  KernelLogBody,
  KernelTreeArguments,
  KernelTreeBody,
  LabelsBody,
  ValueFormatArguments,
  WalkAddressArguments,
  WalkAddressBody,
  SteppingArguments,
  SteppingBody,
  WalkArguments,
  WalkBody,
} from './custom';

type Exchange<Request extends { arguments?: unknown }, Response extends { body?: unknown }> = readonly [
  Request['arguments'],
  Response['body'],
];

export interface Requests {
  initialize: Exchange<Dap.InitializeRequest, Dap.InitializeResponse>;
  launch: Exchange<Dap.LaunchRequest, Dap.LaunchResponse>;
  attach: Exchange<Dap.AttachRequest, Dap.AttachResponse>;
  configurationDone: Exchange<Dap.ConfigurationDoneRequest, Dap.ConfigurationDoneResponse>;
  cancel: Exchange<Dap.CancelRequest, Dap.CancelResponse>;
  restart: Exchange<Dap.RestartRequest, Dap.RestartResponse>;
  terminate: Exchange<Dap.TerminateRequest, Dap.TerminateResponse>;
  disconnect: Exchange<Dap.DisconnectRequest, Dap.DisconnectResponse>;

  setBreakpoints: Exchange<Dap.SetBreakpointsRequest, Dap.SetBreakpointsResponse>;
  setFunctionBreakpoints: Exchange<Dap.SetFunctionBreakpointsRequest, Dap.SetFunctionBreakpointsResponse>;
  setInstructionBreakpoints: Exchange<
    Dap.SetInstructionBreakpointsRequest,
    Dap.SetInstructionBreakpointsResponse
  >;
  dataBreakpointInfo: Exchange<Dap.DataBreakpointInfoRequest, Dap.DataBreakpointInfoResponse>;
  setDataBreakpoints: Exchange<Dap.SetDataBreakpointsRequest, Dap.SetDataBreakpointsResponse>;
  breakpointLocations: Exchange<Dap.BreakpointLocationsRequest, Dap.BreakpointLocationsResponse>;
  setExceptionBreakpoints: Exchange<Dap.SetExceptionBreakpointsRequest, Dap.SetExceptionBreakpointsResponse>;
  exceptionInfo: Exchange<Dap.ExceptionInfoRequest, Dap.ExceptionInfoResponse>;

  continue: Exchange<Dap.ContinueRequest, Dap.ContinueResponse>;
  pause: Exchange<Dap.PauseRequest, Dap.PauseResponse>;
  next: Exchange<Dap.NextRequest, Dap.NextResponse>;
  stepIn: Exchange<Dap.StepInRequest, Dap.StepInResponse>;
  stepOut: Exchange<Dap.StepOutRequest, Dap.StepOutResponse>;
  stepInTargets: Exchange<Dap.StepInTargetsRequest, Dap.StepInTargetsResponse>;

  gotoTargets: Exchange<Dap.GotoTargetsRequest, Dap.GotoTargetsResponse>;
  goto: Exchange<Dap.GotoRequest, Dap.GotoResponse>;

  threads: Exchange<Dap.ThreadsRequest, Dap.ThreadsResponse>;
  stackTrace: Exchange<Dap.StackTraceRequest, Dap.StackTraceResponse>;
  scopes: Exchange<Dap.ScopesRequest, Dap.ScopesResponse>;
  variables: Exchange<Dap.VariablesRequest, Dap.VariablesResponse>;
  setVariable: Exchange<Dap.SetVariableRequest, Dap.SetVariableResponse>;
  evaluate: Exchange<Dap.EvaluateRequest, Dap.EvaluateResponse>;
  setExpression: Exchange<Dap.SetExpressionRequest, Dap.SetExpressionResponse>;
  completions: Exchange<Dap.CompletionsRequest, Dap.CompletionsResponse>;

  modules: Exchange<Dap.ModulesRequest, Dap.ModulesResponse>;
  disassemble: Exchange<Dap.DisassembleRequest, Dap.DisassembleResponse>;
  readMemory: Exchange<Dap.ReadMemoryRequest, Dap.ReadMemoryResponse>;
  writeMemory: Exchange<Dap.WriteMemoryRequest, Dap.WriteMemoryResponse>;
  source: Exchange<Dap.SourceRequest, Dap.SourceResponse>;

  'riscvUnwind/consoleInput': readonly [ConsoleInputArguments, undefined];
  'riscvUnwind/labels': readonly [undefined, LabelsBody];
  'riscvUnwind/stepping': readonly [SteppingArguments, SteppingBody];
  'riscvUnwind/walk': readonly [WalkArguments, WalkBody];
  'riscvUnwind/compareWalks': readonly [CompareWalksArguments, CompareWalksBody];
  'riscvUnwind/valueFormat': readonly [ValueFormatArguments, undefined];
  'riscvUnwind/walkAddress': readonly [WalkAddressArguments, WalkAddressBody];
  'riscvUnwind/kernelTree': readonly [KernelTreeArguments, KernelTreeBody];
  'riscvUnwind/kernelLog': readonly [undefined, KernelLogBody];
}

export type Command = keyof Requests;
export type Arguments<C extends Command> = NonNullable<Requests[C][0]>;
export type Body<C extends Command> = Requests[C][1];

/**
 * Answers one request. What it throws becomes the error response. Of the arguments only what the protocol requires is
 * checked (`arguments.ts`); numbers may still be anything.
 */
export type Handler<C extends Command> = (args: Arguments<C>) => Promise<Body<C>> | Body<C>;
export type Handlers<C extends Command = Command> = { readonly [K in C]: Handler<K> };
