import type { Signal } from '../../proto/columns/index.ts';
import type { RunOptions, ScanPart, TaskRunner, Tasks } from '../../workers/pool/index.ts';
import { overlaps } from '../../workers/scan/index.ts';
import type { ServiceWindow } from '../service/index.ts';
import type { ServicesMessage, ServicesRef } from '../services/index.ts';
import type { ActorSystem } from '../system/index.ts';
import type { Advice } from './tip-json.ts';

/** Something that tips are made of. */
export interface TipSource {
  /** Whether it gives tips of a category: those it does not find again are over after a while. */
  covers(category: string): boolean;
  /** All that it would say now; `undefined` where nothing came that could say anything, so that what was said before stays. */
  look(nowMs: number): Promise<readonly Advice[] | undefined>;
}

export interface WindowSource {
  readonly system: ActorSystem;
  readonly services: ServicesRef;
}

export interface LookedAt {
  readonly parts: readonly ScanPart[];
  readonly rows: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export type AdviceThreads = Pick<TaskRunner<Tasks>, 'run' | 'scan'>;

/** Of each task that looks for advice. */
export const TASK_OPTIONS: RunOptions = { deadlineMs: 10_000 };
/** What began so long ago has ended and arrived, most of it. */
const SETTLED_MS = 30_000;
/** Since the round before. */
export const LOOKED_BACK_MS = 10 * 60_000;

/** What came of a signal in the last ten minutes, as far as windows hold it. */
export async function recentParts(
  { system, services }: WindowSource,
  signal: Signal,
  nowMs: number,
): Promise<LookedAt> {
  const toMs = nowMs - SETTLED_MS;
  const fromMs = toMs - LOOKED_BACK_MS;
  const range = { fromUnixNano: BigInt(fromMs) * 1_000_000n, toUnixNano: BigInt(toMs) * 1_000_000n };
  const windows = await system.ask<ServicesMessage, readonly ServiceWindow[]>(services, (reply) => ({
    ...{ type: 'snapshot', signal, reply },
  }));
  const parts = windows.flatMap(({ service, parts: all }) =>
    all.filter(({ batch }) => overlaps(batch, range)).map((part) => ({ service, ...part })),
  );
  return { parts, rows: parts.reduce((sum, { batch }) => sum + batch.rowCount, 0), fromMs, toMs };
}
