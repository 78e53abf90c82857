/** Which installed extensions claim assembly files, from their manifests. */

/** The part of `vscode.Extension` that is looked at. */
interface InstalledExtension {
  readonly id: string;
  /** Written by others: nothing about it is certain. */
  readonly packageJSON: unknown;
}

/** Id of the language that would own `.S` or `.s` files if this extension did not claim them; of several, the one that VS Code prefers. */
export function otherAssemblyLanguage(
  installed: readonly InstalledExtension[],
  self: string,
): string | undefined {
  return installed
    .filter((extension) => extension.id !== self)
    .flatMap((extension) => claims(extension.packageJSON))
    .findLast((language) => language.extensions.some((suffix) => suffix.toLowerCase() === '.s'))?.id;
}

interface LanguageClaim {
  readonly id: string;
  readonly extensions: readonly string[];
}

function claims(manifest: unknown): LanguageClaim[] {
  const languages = (manifest as { contributes?: { languages?: unknown } } | null)?.contributes?.languages;
  if (!Array.isArray(languages)) return [];
  return languages.flatMap((language: { id?: unknown; extensions?: unknown } | null) => {
    const { id, extensions } = language ?? {};
    if (typeof id !== 'string' || !Array.isArray(extensions)) return [];
    return [{ id, extensions: extensions.filter((suffix): suffix is string => typeof suffix === 'string') }];
  });
}
