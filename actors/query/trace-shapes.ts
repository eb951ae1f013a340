import { serviceIdOf, type ServiceKey } from '../../proto/columns/index.ts';
import type { TimeRange } from '../../proto/query/index.ts';
import type { ScanPart } from '../../workers/pool/index.ts';
import { overlaps } from '../../workers/scan/index.ts';
import { visibilityTest } from '../../workers/search/index.ts';
import { estimateTraces, mergeSamples, type FoundTraceShapes } from '../../workers/shapes/index.ts';
import type { QueryRun } from '../ports/index.ts';
import type { ServiceWindow } from '../service/index.ts';
import type { ServicesMessage } from '../services/index.ts';
import { runOptions, type Threads } from './hot-scan.ts';
import type { HotTierSource } from './hot-tier.ts';

export interface ShapesQuery {
  readonly range: TimeRange;
  /** Traces with a span of it. */
  readonly service?: ServiceKey;
  /** Traces with a span of this name: of the service, where there is one. */
  readonly operation?: string;
  readonly limit: number;
}

export interface FoundShapes extends FoundTraceShapes {
  /** All traces that are meant, estimated where not all were looked at. */
  readonly matching: number;
}

/** Enough for shares within 2 %. */
const MOST_TRACES = 2_000;
const MOST_SPANS = 40_000;
/** Traces of thousands of spans: rather few of them than parts. */
const FEWEST_TRACES = 16;
/** What began so long ago has ended and arrived, most of it: half of a trace would be another shape. */
const SETTLED_NS = 10_000_000_000n;

/**
 * Shapes of a sample of the traces in the windows, all of each trace that whoever asks may see, archived or not. What the windows no
 * longer hold is not looked at.
 */
export async function traceShapes(
  source: HotTierSource & { readonly threads: Threads },
  { range, service, operation, limit }: ShapesQuery,
  nowUnixNano: bigint,
  run: QueryRun,
): Promise<FoundShapes> {
  const { threads } = source;
  const settled = nowUnixNano - SETTLED_NS;
  const within = { ...range, toUnixNano: range.toUnixNano < settled ? range.toUnixNano : settled };
  const windows = await visibleWindows(source, run);
  const all = windows.flatMap(partsOf);
  const searched = windows
    .filter((window) => service === undefined || serviceIdOf(window.service) === serviceIdOf(service))
    .flatMap(partsOf)
    .filter(({ batch }) => overlaps(batch, within));
  countRead(searched, run);
  const input = { range: within, most: MOST_TRACES, ...(operation !== undefined && { operation }) };
  const samples = await run.timed('sample', () =>
    threads.scan('sample-traces', searched, input, runOptions(run)),
  );
  const hashes = mergeSamples(samples, MOST_TRACES);
  const matching = estimateTraces(hashes, MOST_TRACES);
  if (matching === 0) return { shapes: [], traces: 0, more: false, matching };
  const shares = await run.timed('collect', () => wholeTraces(threads, all, hashes, run));
  const found = await run.timed('shapes', () =>
    threads.run('find-trace-shapes', { shares, limit }, runOptions(run)),
  );
  return { ...found, matching };
}

/** Of fewer traces, where those of the sample are too large: none is cut. */
async function wholeTraces(threads: Threads, parts: readonly ScanPart[], hashes: Uint32Array, run: QueryRun) {
  for (let count = hashes.length; ; count = Math.ceil(count / 4)) {
    countRead(parts, run);
    const input = { hashes: hashes.slice(0, count), mostSpans: MOST_SPANS };
    const shares = await threads.scan('collect-shape-spans', parts, input, runOptions(run));
    if (count <= FEWEST_TRACES || !shares.some(({ isCut }) => isCut)) return shares;
  }
}

async function visibleWindows(
  { system, services }: HotTierSource,
  { visible }: QueryRun,
): Promise<readonly ServiceWindow[]> {
  const isVisible = visibilityTest(visible);
  const windows = await system.ask<ServicesMessage, readonly ServiceWindow[]>(services, (reply) => ({
    ...{ type: 'snapshot', signal: 'traces', reply },
  }));
  return windows.filter(({ service }) => isVisible(service));
}

function partsOf({ service, parts }: ServiceWindow): ScanPart[] {
  return parts.map((part) => ({ service, ...part }));
}

function countRead(parts: readonly ScanPart[], run: QueryRun): void {
  const sum = (of: (part: ScanPart) => number): number => parts.reduce((total, part) => total + of(part), 0);
  run.countRead(
    'hot',
    sum(({ batch }) => batch.rowCount),
    sum(({ batch }) => batch.buffer.byteLength),
  );
}
