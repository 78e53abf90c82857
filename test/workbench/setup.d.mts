export const workbench: { readonly node: string; readonly codeServer: string };
export function setUp(): void;
