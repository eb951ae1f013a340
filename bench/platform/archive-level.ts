import { setTimeout as sleep } from 'node:timers/promises';
import { fetchApi } from '../../runtime/end-to-end/index.ts';
import type { StatusJson } from '../../proto/api/index.ts';
import { processFigures } from './process-figures.ts';

const POLL_MS = 50;
const MOST_MS = 120_000;

/** Resolves once every journal segment but the one being written is archived. */
export async function archiveIsLevel(apiPort: number): Promise<void> {
  const deadline = performance.now() + MOST_MS;
  while (performance.now() < deadline) {
    const response = await fetchApi(apiPort, '/api/v1/status');
    const { segment, archivedThrough } = (await response.json()) as StatusJson;
    if (archivedThrough >= segment) return;
    await sleep(POLL_MS);
  }
  throw new Error(`the archive is not level with the journal after ${MOST_MS / 1_000} s`);
}

const QUIET_MS = 2_000;
const QUIET_CPU_SHARE = 0.1;

/** Resolves once a process and its children have used little processor time for two seconds. */
export async function mergesAreDone(pid: number): Promise<void> {
  const deadline = performance.now() + MOST_MS;
  let last = await processFigures(pid);
  while (performance.now() < deadline) {
    await sleep(QUIET_MS);
    const now = await processFigures(pid);
    if (now.cpuMs - last.cpuMs < QUIET_MS * QUIET_CPU_SHARE) return;
    last = now;
  }
}
