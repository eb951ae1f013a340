import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NabProfile } from './nab-score.ts';

interface PublishedProfile {
  readonly CostMatrix: {
    readonly tpWeight: number;
    readonly fnWeight: number;
    readonly fpWeight: number;
  };
}

/** The cost matrices of `common/profiles.json` by name. */
export async function readNabProfiles(folder: string): Promise<Record<string, NabProfile>> {
  const text = await readFile(join(folder, 'common', 'profiles.json'), 'utf8');
  const profiles = JSON.parse(text) as Record<string, PublishedProfile>;
  return Object.fromEntries(
    Object.entries(profiles).map(
      ([
        name,
        {
          CostMatrix: { tpWeight, fnWeight, fpWeight },
        },
      ]) => [name, { truePositive: tpWeight, falseNegative: fnWeight, falsePositive: fpWeight }],
    ),
  );
}
