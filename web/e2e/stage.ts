import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { launchBrowser } from './launch-browser.ts';
import { openPage, type OpenPageOptions, type WatchedPage } from './open-page.ts';
import { startPlatform, type Platform } from './platform.ts';

/** Built by the tests' set-up. */
const APP = fileURLToPath(new URL('../../dist/web', import.meta.url));

export interface Stage {
  /** The stand-in of the test that runs. */
  readonly platform: Platform;
  /** A page of it, closed after the test. */
  open(path: string, options?: OpenPageOptions): Promise<WatchedPage>;
}

/** For all tests of a file: a browser, and for each the app before a platform of its own, which `prepare` may fill. */
export function setStage(prepare: (platform: Platform) => void = () => undefined): Stage {
  let browser: Browser;
  let platform: Platform;
  let opened: WatchedPage[] = [];
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    platform = await startPlatform(APP);
    prepare(platform);
  });
  afterEach(async () => {
    for (const { page } of opened) await page.context().close();
    opened = [];
    await platform.close();
  });
  return {
    get platform() {
      return platform;
    },
    async open(path, options) {
      const watched = await openPage(browser, platform.url + path, options);
      opened.push(watched);
      return watched;
    },
  };
}
