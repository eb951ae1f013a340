import { availableParallelism } from 'node:os';
import solid from 'vite-plugin-solid';
import { defineConfig } from 'vitest/config';

declare module 'vitest' {
  interface ProvidedContext {
    /** Stories that each property of the seam is told. */
    seamStories: number;
  }
}

/** Seven properties share what `npm run bench -- seam` asks for. */
const SEAM_PROPERTIES = 7;
const seamStories = Math.ceil(Number(process.env['OPHION_SEAM_CASES'] ?? 2_100) / SEAM_PROPERTIES);

/** Of every project: they inherit nothing from the root. */
const everywhere = { environment: 'node', expect: { requireAssertions: true } } as const;

/** Modules are loaded once a worker, and not once a file, which costs a processor more than many tests do: none may be replaced. */
const ofOneLoading = { isolate: false } as const;

/** Vitest leaves one core alone, which of two is half; most tests wait for others as much as they compute. */
const maxWorkers = Math.max(2, availableParallelism() - 1);

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          ...everywhere,
          ...ofOneLoading,
          maxWorkers,
          globalSetup: ['runtime/setup/vitest.mjs'],
          include: ['{proto,workers,actors,runtime,bench}/**/*.test.ts'],
          exclude: ['**/*.int.test.ts', '**/*.browser.test.ts'],
          provide: { seamStories },
          // Property tests on a busy machine.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          ...everywhere,
          ...ofOneLoading,
          maxWorkers,
          globalSetup: ['runtime/setup/vitest.mjs'],
          include: ['{runtime,bench,actors}/**/*.int.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins: [solid()],
        test: {
          name: 'web',
          ...everywhere,
          maxWorkers,
          include: ['web/**/*.test.{ts,tsx}'],
          exclude: ['**/*.browser.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'browser',
          ...everywhere,
          // Pages draw when they get to it: on a busy machine later than a second.
          expect: { ...everywhere.expect, poll: { timeout: 10_000 } },
          maxWorkers,
          globalSetup: ['runtime/setup/vitest-browser.mjs'],
          include: ['{web,runtime}/**/*.browser.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // After the others: a browser beside them would be two processes more for two cores.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
