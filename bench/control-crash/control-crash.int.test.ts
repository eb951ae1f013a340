import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startThrowawayPostgres } from '../../runtime/storage/postgres/fixtures/index.ts';
import type { Place } from './control-plane.ts';
import { runControlCrash } from './run-control-crash.ts';

const NOTHING_WRONG = { kills: 2, lost: 0, halfDone: 0, brokenChains: 0 };
const trial = (place: Place) => runControlCrash({ place, kills: 2, changes: 60, seed: 7 });

describe('a process killed amid changes of the control plane', () => {
  it('has lost nothing it acknowledged, and left nothing half-done, embedded', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ophion-control-crash-'));
    const report = await trial({ directory: join(folder, 'postgres') });
    await rm(folder, { recursive: true, force: true });
    expect(report).toMatchObject(NOTHING_WRONG);
    expect(report.acknowledged).toBeGreaterThan(0);
  });

  it('has lost nothing it acknowledged, and left nothing half-done, on a server', async () => {
    const postgres = await startThrowawayPostgres();
    const report = await trial({ url: postgres.url });
    await postgres.stop();
    expect(report).toMatchObject(NOTHING_WRONG);
    expect(report.acknowledged).toBeGreaterThan(0);
  });
});
