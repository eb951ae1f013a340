import { setTimeout as sleep } from 'node:timers/promises';
import { processFigures } from '../platform/process-figures.ts';
import { startPlatform } from '../platform/start-platform.ts';
import { number, readOptions } from '../read-options.ts';

const SETTLE_MS = 15_000;

/** What an installed, empty platform costs: all its processes together. */
export async function run(args: readonly string[]): Promise<Record<string, number>> {
  const values = readOptions(args, {
    seconds: number(30, 'how long it is watched, once it has settled'),
  });
  const measuredMs = values.seconds * 1_000;
  const platform = await startPlatform();
  await sleep(SETTLE_MS);
  const before = await processFigures(platform.pid);
  await sleep(measuredMs);
  const after = await processFigures(platform.pid);
  await platform.stop();
  return {
    cpuPct: round(((after.cpuMs - before.cpuMs) / measuredMs) * 100),
    rssMb: Math.round(after.rssMb),
    readyMs: Math.round(platform.readyMs),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
