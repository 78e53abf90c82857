/** The browser of the tests that need one: Debian's package, or another by `CHROMIUM`. Without it they skip themselves, by name. */
export const chromiumPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export const chromiumFlags = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
