import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';

/** Builds the app into a folder of its own. */
export async function buildApp(): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'ophion-web-'));
  await build({
    configFile: new URL('../vite.config.ts', import.meta.url).pathname,
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true },
  });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

export interface WatchedPage {
  readonly page: Page;
  /** What the console said as warning or error, uncaught errors and policy violations among it. */
  readonly complaints: string[];
}

export async function openPage(
  browser: Browser,
  url: string,
  options: { readonly theme?: 'dark' | 'light'; readonly width?: number; readonly height?: number } = {},
): Promise<WatchedPage> {
  const { theme = 'dark', width = 1280, height = 720 } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  return { page, complaints };
}
