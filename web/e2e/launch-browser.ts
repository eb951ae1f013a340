import { chromium, type Browser } from 'playwright-core';

/** Works for root, without a display, and asks nothing of the network by itself. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The Chromium that `npm test` found, or the one of Debian. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env['OPHION_CHROMIUM'] ?? '/usr/bin/chromium',
    args: FLAGS,
  });
