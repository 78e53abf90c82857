/** What this adapter tells the client that it can do. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { exceptionFilters } from './breakpoints/exception-filters';

export const capabilities: Dap.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsCancelRequest: true,
  supportsRestartRequest: true,
  supportsTerminateRequest: true,
  supportTerminateDebuggee: true,

  supportsFunctionBreakpoints: true,
  supportsInstructionBreakpoints: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsLogPoints: true,
  supportsDataBreakpoints: true,
  supportsDataBreakpointBytes: true,
  supportsBreakpointLocationsRequest: true,
  supportsExceptionInfoRequest: true,
  supportsExceptionFilterOptions: true,
  exceptionBreakpointFilters: exceptionFilters.map(
    ({ filter, label, description, conditionDescription }) => ({
      filter,
      label,
      description,
      default: false,
      supportsCondition: true,
      conditionDescription,
    }),
  ),

  supportsSteppingGranularity: true,
  supportsGotoTargetsRequest: true,
  supportsStepInTargetsRequest: true,
  supportsDelayedStackTraceLoading: true,
  supportsEvaluateForHovers: true,
  supportsSetVariable: true,
  supportsSetExpression: true,
  supportsClipboardContext: true,
  supportsValueFormattingOptions: true,
  supportsCompletionsRequest: true,
  completionTriggerCharacters: ['$', '.', '_', '>'],

  supportsModulesRequest: true,
  supportsDisassembleRequest: true,
  supportsReadMemoryRequest: true,
  supportsWriteMemoryRequest: true,
};
