import { createDecoder } from '../../workers/decode/index.ts';
import { syntheticIncident } from '../../workers/kernels/root-cause/index.ts';
import { TASKS, TASKS_THREAD_URL, ThreadPool } from '../../workers/pool/index.ts';
import {
  judgeSeries,
  newChunk,
  SERIES_A_CHUNK,
  tallyPoints,
  type SharedStates,
} from '../../workers/watch/index.ts';
import { OtlpWriter } from '../demo-faults/otlp-writer.ts';

const INTERVAL_MS = 10_000;
const WARM_UP_ROUNDS = 70;
const ROUNDS = 11;
const SERVICES = 200;
const POINTS_OF_HALF_AN_HOUR = 360;

/** What watching costs besides the detectors: reading points of batches and judging them, and finding the cause of an incident. */
export async function watchCost(series: number): Promise<Record<string, number>> {
  const chunks = Array.from({ length: Math.ceil(series / SERIES_A_CHUNK) }, () => newChunk('point'));
  const states: SharedStates = { share: [], durations: [], count: [], point: chunks };
  const batch = pointsOf(series);
  const rounds: number[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    const startMs = performance.now();
    const tally = tallyPoints({ mostPoints: series }, { batches: batch });
    judgeSeries(
      {
        states,
        nowMs: round * INTERVAL_MS,
        share: { series: NONE, events: NO, trials: NO },
        durations: { series: NONE, offsets: NONE, nanos: NO, weights: NO },
        count: { series: NONE, timesMs: NO, counts: NO, seconds: NO, silentSeconds: NO },
        point: {
          series: Uint32Array.from(tally.hashes, (_, index) => index),
          timesMs: tally.timesMs.map(() => round * INTERVAL_MS),
          values: tally.values.map((value) => value + Math.random()),
        },
      },
      { checkpoint },
    );
    if (round >= WARM_UP_ROUNDS) rounds.push(performance.now() - startMs);
  }
  const tickMs = medianOf(rounds);
  return {
    watchMsPerInterval: tickMs,
    watchShareOfCore: tickMs / INTERVAL_MS,
    rootCauseMs: await rootCauseMs(),
  };
}

const NONE = new Uint32Array(0);
const NO = new Float64Array(0);

function checkpoint(): void {
  // Nobody cuts it off.
}

function pointsOf(series: number): Parameters<typeof tallyPoints>[1]['batches'] {
  const writer = new OtlpWriter();
  writer.within(1, () => {
    writer.within(1, () => {
      writer.attributes(1, { 'service.name': 'bench' });
    });
    writer.within(2, () => {
      writer.within(2, () => {
        writer.text(1, 'level');
        writer.within(5, () => {
          for (let index = 0; index < series; index += 1) {
            writer.within(1, () => {
              writer.timeMs(3, 1_000);
              writer.real(4, index);
              writer.attributes(7, { host: `host-${index % 100}`, disk: `disk-${Math.floor(index / 100)}` });
            });
          }
        });
      });
    });
  });
  const decoded = createDecoder().decode('metrics', writer.written());
  if ('undecodable' in decoded) throw new Error(decoded.reason);
  return decoded.batches.map((each, place) => ({ ...each, place }));
}

/** On a thread, with the way there and back. */
async function rootCauseMs(): Promise<number> {
  const threads = new ThreadPool({ tasks: TASKS, threadUrl: TASKS_THREAD_URL, threads: 1 });
  const times: number[] = [];
  for (let seed = 0; seed < 6; seed += 1) {
    const { input } = syntheticIncident({ services: SERVICES, points: POINTS_OF_HALF_AN_HOUR, seed });
    const startMs = performance.now();
    await threads.run('find-root-causes', input);
    // The first one starts the thread.
    if (seed > 0) times.push(performance.now() - startMs);
  }
  await threads.close();
  return medianOf(times);
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;
}
