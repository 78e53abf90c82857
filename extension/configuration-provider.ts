/** Launch configurations for VS Code: F5 without a launch.json, the dynamic list of the Run view, paths made absolute. */
import * as vscode from 'vscode';
import { kernelsInWorkspace, pickKernel } from './kernel-picker';
import {
  completeConfiguration,
  configurationFor,
  debugType,
  type LaunchConfiguration,
} from './launch-configuration';

const resolver: vscode.DebugConfigurationProvider = {
  /** Called with an empty configuration when there is no launch.json; then, and when `program` is missing, finds the kernel. */
  async resolveDebugConfiguration(_folder, configuration) {
    if (typeof configuration['program'] === 'string' && configuration['program'] !== '') return configuration;
    const kernel = await pickKernel();
    return kernel && { ...configurationFor(kernel), ...withoutEmpty(configuration) };
  },

  resolveDebugConfigurationWithSubstitutedVariables(folder, configuration) {
    const open = vscode.workspace.workspaceFolders ?? [];
    return completeConfiguration(
      configuration,
      (folder ?? open[0])?.uri.fsPath,
      open.map((each) => each.uri.fsPath),
    );
  },
};

const dynamic: vscode.DebugConfigurationProvider = {
  async provideDebugConfigurations() {
    return (await kernelsInWorkspace()).map(configurationFor);
  },
};

export function registerConfigurationProviders(): vscode.Disposable[] {
  return [
    vscode.debug.registerDebugConfigurationProvider(debugType, resolver),
    vscode.debug.registerDebugConfigurationProvider(
      debugType,
      dynamic,
      vscode.DebugConfigurationProviderTriggerKind.Dynamic,
    ),
  ];
}

/** VS Code's empty configuration has empty `type`, `name` and `request`, which must not replace ours. */
function withoutEmpty(configuration: vscode.DebugConfiguration): Partial<LaunchConfiguration> {
  return Object.fromEntries(Object.entries(configuration).filter(([, value]) => value !== ''));
}
