import { PoolError } from '../../workers/pool/index.ts';
import type { InsightCounters, MissReason } from './insight-counters.ts';

/** The answer of a task, or undefined when it had none in time, was refused or failed: counted, and told. */
export async function guarded<Answer>(
  counters: InsightCounters,
  onMiss: (reason: MissReason, error: unknown) => void,
  work: () => Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    return await work();
  } catch (error) {
    const reason = reasonOf(error);
    counters.missed[reason] += 1;
    onMiss(reason, error);
    return undefined;
  }
}

function reasonOf(error: unknown): MissReason {
  if (!(error instanceof PoolError)) return 'failed';
  if (error.code === 'DEADLINE_EXCEEDED') return 'deadline';
  return error.code === 'OVERLOADED' ? 'overloaded' : 'failed';
}
