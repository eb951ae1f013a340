import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCrashTrial } from '../../runtime/end-to-end/index.ts';
import { number, readOptions } from '../read-options.ts';

/** What is lost or doubled when the platform is killed under load, again and again. Both must be 0. */
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
    return { ...report };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
