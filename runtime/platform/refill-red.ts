import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryLimits, RedHistory } from '../../actors/ports/index.ts';
import { startQueryRun } from '../../actors/query/index.ts';
import { RED_RING_SECONDS } from '../../proto/live/index.ts';
import type { Domain } from '../domain/index.ts';
import type { Logger } from '../log/index.ts';
import { SlowProgress } from '../log/index.ts';

export interface RefillOptions {
  readonly history: RedHistory;
  readonly domain: Pick<Domain, 'system' | 'services'> & {
    readonly progress: Pick<Domain['progress'], 'through'>;
  };
  /** The last segment that no actor was handed: later ones were, or will be. 0: there is none. */
  readonly through: number;
  /** Of each question. */
  readonly limits: QueryLimits;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly retryMs?: number;
}

/** Starts of spans a question covers: few rows come back at a time. */
const STEP_SECONDS = 10;
/** Requests that took longer than this before they ended are not looked for: it would be a search through days. */
const LONGEST_SECONDS = 3_600;
const RETRY_MS = 5_000;

/**
 * Adds the requests that ended within the ring of RED figures and are in the archive alone, the newest first, beside all that
 * goes on. Waits for an archive that is away, until the ring has passed. Call after the replay; the answer stops it.
 */
export function refillRed(options: RefillOptions): () => Promise<void> {
  const leaving = new AbortController();
  const work = refill(options, leaving.signal).catch((error: unknown) => {
    if (!leaving.signal.aborted) throw error;
  });
  return async () => {
    leaving.abort();
    await work;
  };
}

async function refill(options: RefillOptions, signal: AbortSignal): Promise<void> {
  const { domain, through, log, retryMs = RETRY_MS } = options;
  if (through === 0) return;
  const startSecond = Math.floor(Date.now() / 1000);
  const progress = new SlowProgress(log, 'reading the figures of the last minutes from the archive');
  const steps = stepsBack(startSecond);
  let isTold = false;
  for (const [at, step] of steps.entries()) {
    while (!(await isRead(step))) {
      if (firstSecond() >= startSecond) return;
      await sleep(retryMs, undefined, { signal });
    }
    progress.at({ share: (at + 1) / steps.length });
  }

  async function isRead(step: Step): Promise<boolean> {
    if (domain.progress.through < through) return false;
    try {
      await readStep(options, step, firstSecond(), signal);
      return true;
    } catch (err) {
      signal.throwIfAborted();
      if (!isTold) {
        log.warn({ err, retryMs }, 'the figures of the last minutes are not read yet; tried again');
      }
      isTold = true;
      return false;
    }
  }
}

/** Of the ring. */
function firstSecond(): number {
  return Math.floor(Date.now() / 1000) - RED_RING_SECONDS;
}

interface Step {
  readonly from: number;
  readonly to: number;
}

/** Every start once, the newest first; what begins later than now is of clocks that go fast. */
function stepsBack(startSecond: number): readonly Step[] {
  const count = RED_RING_SECONDS / STEP_SECONDS;
  const steps = Array.from({ length: count }, (_, at) => {
    const to = startSecond - at * STEP_SECONDS;
    return { from: to - STEP_SECONDS, to };
  });
  const oldest = startSecond - RED_RING_SECONDS;
  return [
    { from: startSecond, to: startSecond + RED_RING_SECONDS },
    ...steps,
    { from: oldest - LONGEST_SECONDS, to: oldest },
  ];
}

async function readStep(
  { history, domain, through, limits }: RefillOptions,
  { from, to }: Step,
  fromSecond: number,
  signal: AbortSignal,
): Promise<void> {
  const run = startQueryRun({ limits, visible: 'all', signal });
  try {
    const started = { fromUnixNano: nanos(from), toUnixNano: nanos(to) };
    const ended = await history.endedRequests(started, fromSecond, through, run);
    domain.system.tell(domain.services, { type: 'add-ended', ended });
  } finally {
    run.end();
  }
}

function nanos(seconds: number): bigint {
  return BigInt(seconds) * 1_000_000_000n;
}
