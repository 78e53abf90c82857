/**
 * The import rules of ARCHITECTURE.md. `npm test` runs them.
 * Test files (`*.test.ts`) may use Node; the code beside them may not.
 */
const portable = '^(emulator|debug-adapter/(unwind|symbols|image|kernel|session|debugger))/';
const tests = '\\.test(-support)?\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'A cycle means that two concepts are one, or that one file holds two.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'emulator-stands-alone',
      comment: 'emulator/ knows nothing of symbols, debuggers or DAP.',
      severity: 'error',
      from: { path: '^emulator/', pathNot: tests },
      to: { pathNot: '^emulator/' },
    },
    {
      name: 'only-the-extension-knows-vscode',
      severity: 'error',
      from: { pathNot: '^extension/' },
      to: { path: '^vscode$|node_modules/@types/vscode' },
    },
    {
      name: 'extension-talks-dap-only',
      comment:
        'extension/ may use the symbol readers (labels for a quick pick), nothing else of the adapter.',
      severity: 'error',
      from: { path: '^extension/' },
      to: { path: '^(emulator/|debug-adapter/(?!symbols/))' },
    },
    {
      name: 'only-session-knows-dap',
      severity: 'error',
      from: { path: '^(emulator|debug-adapter)/', pathNot: ['^debug-adapter/session/', tests] },
      to: { path: '@vscode/debug(adapter|protocol)' },
    },
    {
      name: 'only-target-knows-the-emulator',
      severity: 'error',
      from: { path: '^debug-adapter/', pathNot: ['^debug-adapter/target/', tests] },
      to: { path: '^emulator/' },
    },
    {
      name: 'unwind-is-pure',
      severity: 'error',
      from: { path: '^debug-adapter/unwind/', pathNot: tests },
      to: { pathNot: '^debug-adapter/unwind/' },
    },
    {
      name: 'symbols-are-pure',
      severity: 'error',
      from: { path: '^debug-adapter/symbols/', pathNot: tests },
      to: { pathNot: '^debug-adapter/symbols/' },
    },
    {
      name: 'image-uses-symbols-only',
      severity: 'error',
      from: { path: '^debug-adapter/image/', pathNot: tests },
      to: { pathNot: '^debug-adapter/(image|symbols)/' },
    },
    {
      name: 'kernel-uses-symbols-and-unwind-only',
      severity: 'error',
      from: { path: '^debug-adapter/kernel/', pathNot: tests },
      to: { pathNot: '^debug-adapter/(kernel|symbols|unwind)/' },
    },
    {
      name: 'debugger-does-not-know-its-front-ends',
      severity: 'error',
      from: { path: '^debug-adapter/(debugger|target)/', pathNot: tests },
      to: { path: '^debug-adapter/(session|cli)/' },
    },
    {
      name: 'no-node-in-portable-code',
      comment: 'The whole debugger must run in a browser worker: files come in through a small interface.',
      severity: 'error',
      from: { path: portable, pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^vscode$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
