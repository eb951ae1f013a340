import { setTimeout as sleep } from 'node:timers/promises';
import type { StatusJson } from '../../proto/api/index.ts';
import { fetchApi } from './signed-in.ts';

/** Resolves when ClickHouse has every segment that is sealed now, and nothing waits in the journal alone. */
export async function untilArchived(apiPort: number): Promise<void> {
  const { segment } = await statusOf(apiPort);
  for (;;) {
    const { archivedThrough, waitingItems } = await statusOf(apiPort);
    if (archivedThrough >= segment && waitingItems === 0) return;
    await sleep(200);
  }
}

async function statusOf(apiPort: number): Promise<StatusJson> {
  const response = await fetchApi(apiPort, '/api/v1/status');
  return (await response.json()) as StatusJson;
}
