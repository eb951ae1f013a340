import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startThrowawayPostgres } from '../../runtime/storage/postgres/fixtures/index.ts';
import { number, readOptions } from '../read-options.ts';
import type { Place } from './control-plane.ts';
import { runControlCrash, type ControlCrashReport } from './run-control-crash.ts';

const CHANGES = 200;

/** What is lost or left half-done when the process is killed amid changes of the control plane. All must be 0. */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const values = readOptions(args, {
    kills: number(20, 'SIGKILLs at each place'),
    seed: number(1, 'repeats a run'),
  });
  const trial = (place: Place, name: string): Promise<ControlCrashReport> =>
    runControlCrash({
      place,
      kills: values.kills,
      changes: CHANGES,
      seed: values.seed,
      onKill: (kill, acknowledged) =>
        process.stderr.write(`${name}, kill ${kill}: after ${acknowledged} of ${CHANGES} changes\n`),
    });
  const folder = await mkdtemp(join(tmpdir(), 'ophion-control-crash-'));
  const postgres = await startThrowawayPostgres();
  try {
    return {
      embedded: await trial({ directory: join(folder, 'postgres') }, 'embedded'),
      server: await trial({ url: postgres.url }, 'server'),
    };
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
