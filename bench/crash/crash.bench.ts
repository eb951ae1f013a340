import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCrashTrial } from '../../runtime/end-to-end/index.ts';
import { number, readOptions } from '../read-options.ts';

const KILLS_WITHOUT_JOURNAL = 5;

/**
 * What is lost or doubled when the platform is killed under load, again and again. Both must be 0. The baseline is the same
 * with the journal off, which must lose: this shows that losses would be seen.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const values = readOptions(args, {
    kills: number(20, 'SIGKILLs'),
  });
  const folder = await mkdtemp(join(tmpdir(), 'ophion-crash-'));
  try {
    const report = await runCrashTrial({
      dataDir: join(folder, 'data'),
      kills: values.kills,
      onKill: (count, moment) => process.stderr.write(`kill ${count}: ${moment}\n`),
    });
    const { acknowledged, lost, doubled, kills } = await runCrashTrial({
      dataDir: join(folder, 'without-journal'),
      kills: Math.min(values.kills, KILLS_WITHOUT_JOURNAL),
      settings: { OPHION_JOURNAL_MODE: 'off' },
      onKill: (count, moment) => process.stderr.write(`without a journal, kill ${count}: ${moment}\n`),
    });
    return { ...report, withoutJournal: { kills, acknowledged, lost, doubled, seesLosses: lost > 0 } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
