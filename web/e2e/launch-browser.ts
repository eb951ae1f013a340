import { chromium, type Browser } from 'playwright-core';

/**
 * The first two are pages for the address line, loaded hidden for every window, though nobody sees one: half of what
 * Chromium computes for a test (of 38 CPU-seconds for 20 pages, 20). The others are what Playwright leaves out, and pages or
 * the network would notice: of several such flags Chromium takes the last.
 */
const UNWANTED_FEATURES = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
];

/** Works for root, without a display, and asks nothing of the network by itself. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--disable-features=${UNWANTED_FEATURES.join(',')}`,
];

/** The Chromium that `npm test` found, or the one of Debian. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env['OPHION_CHROMIUM'] ?? '/usr/bin/chromium',
    args: FLAGS,
  });
