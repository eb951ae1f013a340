import { countRepeats } from '../../workers/repeats/index.ts';
import { collectShapeSpans, findTraceShapes, sampleTraces } from '../../workers/shapes/index.ts';
import { collectUsage, joinUsage } from '../../workers/usage/index.ts';
import { number, readOptions } from '../read-options.ts';
import { madeLines, madeSpans, madeUsage } from './made-telemetry.ts';

const ROUNDS = 7;
const ALL_TIME = { fromUnixNano: 0n, toUnixNano: 2n ** 62n };
const REPORTS = 60;
const SAMPLE = 2_000;

/** What looking for advice and for shapes of traces costs in one thread, in the median of rounds. */
export function run(args: readonly string[]): Record<string, unknown> {
  const options = readOptions(args, {
    spans: number(1_000_000, 'spans in the windows'),
    containers: number(1_000, 'containers that report every 10 s, for 10 minutes'),
    lines: number(300_000, 'log lines of 10 minutes'),
  });
  const spans = { batches: madeSpans(options.spans) };
  const usage = { batches: madeUsage(options.containers, REPORTS) };
  const lines = { batches: madeLines(options.lines) };
  const hashes = sampleTraces({ range: ALL_TIME, most: SAMPLE }, spans);
  const share = collectShapeSpans({ hashes, mostSpans: 40_000 }, spans);
  const all = { fromMs: 0, toMs: 1e12 };
  const input = { ...all, mostSeries: 10_000, mostPoints: 500_000 };
  const shapes = findTraceShapes({ shares: [share], limit: 20 });
  return {
    ...{ spans: options.spans, tracesLookedAt: shapes.traces, spansOfThem: share.spans.length },
    sampleMs: median(() => sampleTraces({ range: ALL_TIME, most: SAMPLE }, spans)),
    collectMs: median(() => collectShapeSpans({ hashes, mostSpans: 40_000 }, spans)),
    shapesMs: median(() => findTraceShapes({ shares: [share], limit: 20 })),
    usagePoints: options.containers * REPORTS * 6,
    usageMs: median(() => joinUsage([collectUsage(input, usage)])),
    lines: options.lines,
    repeatsMs: median(() => countRepeats(all, lines)),
  };
}

function median(work: () => unknown): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const startMs = performance.now();
    work();
    return performance.now() - startMs;
  }).sort((a, b) => a - b);
  return Number((times[Math.floor(ROUNDS / 2)] ?? 0).toFixed(1));
}
