/** Colours of the terminal, for people only: never into a pipe or a file, never where NO_COLOR is set (no-color.org). */

export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly accent: (text: string) => string;
}

const plain = (text: string): string => text;
const sgr =
  (code: number) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[0m`;

export const noStyle: Style = { bold: plain, dim: plain, good: plain, bad: plain, accent: plain };

const ansi: Style = { bold: sgr(1), dim: sgr(2), good: sgr(32), bad: sgr(31), accent: sgr(36) };

/** The style for a stream, by what it is and what the environment wants. */
export function styleFor(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): Style {
  const unwanted = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  return stream.isTTY === true && !unwanted ? ansi : noStyle;
}
