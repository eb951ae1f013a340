/** What one service did in many short stretches of time. */
export interface LoadSample {
  /** Requests a second, same length as `latency`. */
  readonly throughput: Float64Array;
  /** Typical (median, say) duration of a request in any one unit. */
  readonly latency: Float64Array;
}

export interface SaturationCurve {
  readonly kind: 'curve';
  /** Latency with nothing else to do, in the unit of `latency`. */
  readonly baseLatency: number;
  /** Requests a second at which the fitted latency grows without bound. */
  readonly capacity: number;
  /** Requests a second at which latency is twice the base: where the curve bends. */
  readonly kneeThroughput: number;
  /** Greatest robust throughput that was seen (95th percentile). */
  readonly busyThroughput: number;
  /** 1 − busy ÷ knee: 0.4 = two fifths of the knee are left; negative = beyond it. */
  readonly headroom: number;
  /** Share of the variation of latency that the curve explains beyond a constant, 0…1. */
  readonly explained: number;
}

export interface NoCurve {
  readonly kind: 'none';
  readonly reason: 'too-few-samples' | 'throughput-hardly-varies' | 'no-bend-seen';
  readonly message: string;
}

const LEAST_SAMPLES = 20;
const BINS = 16;
const LEAST_IN_BIN = 3;
const LEAST_BINS = 4;
/** Busiest bin ÷ quietest: below, latency has no curve. */
const LEAST_SPREAD = 1.5;
/** Capacities that are tried: this much above the busiest bin at least, and at most. */
const CAPACITY_STEPS = 120;
const NEAREST_CAPACITY = 1.02;
const FARTHEST_CAPACITY = 20;
/** A curve that explains less has not been seen to bend. */
const LEAST_EXPLAINED = 0.5;

/**
 * Where latency bends under load, from what production did anyway. Samples are grouped into bins of equal count by throughput, each with the
 * medians of both (robust to spikes); over the bins latency = base · (1 + load ÷ (1 − load)) = base ÷ (1 − throughput ÷ capacity), the
 * response time of an open queue (Kleinrock 1975; the contention part of Gunther's universal scalability law), is fitted by relative least
 * absolute error: for each of a grid of capacities the best base is the median of latency over shape (own method). Its knee is at half the
 * capacity, where latency has doubled. O(n log n).
 *
 * @param sample n pairs in any order; pairs that are not finite or not above 0 are left out
 * @returns in the units of `sample`; `none` says why there is no curve
 */
export function saturationCurve({ throughput, latency }: LoadSample): SaturationCurve | NoCurve {
  const pairs = usablePairs(throughput, latency);
  if (pairs.length < LEAST_SAMPLES) {
    return none('too-few-samples', `${pairs.length} samples with load: at least ${LEAST_SAMPLES} are needed`);
  }
  const bins = binMedians(pairs);
  const [quietest, busiest] = [bins[0]?.throughput ?? 0, bins.at(-1)?.throughput ?? 0];
  if (bins.length < LEAST_BINS || busiest < LEAST_SPREAD * quietest) {
    return none(
      'throughput-hardly-varies',
      `throughput is ${quietest}…${busiest}: wait for quieter and busier times`,
    );
  }
  const { capacity, base, error } = bestCapacity(bins, busiest);
  const flat = relativeError(bins, () => 1).error;
  const explained = flat > 0 ? Math.max(0, 1 - error / flat) : 0;
  if (explained < LEAST_EXPLAINED || capacity > 0.99 * FARTHEST_CAPACITY * busiest) {
    return none('no-bend-seen', `latency does not grow with throughput up to ${busiest}`);
  }
  const busyThroughput = pairs[Math.floor(0.95 * (pairs.length - 1))]?.throughput ?? busiest;
  const kneeThroughput = capacity / 2;
  return {
    kind: 'curve',
    baseLatency: base,
    capacity,
    kneeThroughput,
    busyThroughput,
    headroom: 1 - busyThroughput / kneeThroughput,
    explained,
  };
}

interface Pair {
  readonly throughput: number;
  readonly latency: number;
}

interface Fit {
  readonly base: number;
  readonly error: number;
}

function none(reason: NoCurve['reason'], message: string): NoCurve {
  return { kind: 'none', reason, message };
}

/** Ascending by throughput. */
function usablePairs(throughput: Float64Array, latency: Float64Array): Pair[] {
  const pairs: Pair[] = [];
  for (let row = 0; row < throughput.length; row += 1) {
    const pair = { throughput: throughput[row] ?? 0, latency: latency[row] ?? 0 };
    const isUsable = Object.values(pair).every((value) => value > 0 && value < Infinity);
    if (isUsable) pairs.push(pair);
  }
  return pairs.sort((left, right) => left.throughput - right.throughput);
}

function binMedians(pairs: readonly Pair[]): Pair[] {
  const count = Math.min(BINS, Math.floor(pairs.length / LEAST_IN_BIN));
  return Array.from({ length: count }, (_, bin) => {
    const from = Math.floor((bin * pairs.length) / count);
    const members = pairs.slice(from, Math.floor(((bin + 1) * pairs.length) / count));
    return {
      throughput: middle(members.map((pair) => pair.throughput)),
      latency: middle(members.map((pair) => pair.latency)),
    };
  });
}

function middle(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function bestCapacity(bins: readonly Pair[], busiest: number): Fit & { capacity: number } {
  let best = { capacity: Infinity, base: 0, error: Infinity };
  const ratio = (FARTHEST_CAPACITY / NEAREST_CAPACITY) ** (1 / CAPACITY_STEPS);
  for (let step = 0; step <= CAPACITY_STEPS; step += 1) {
    const capacity = busiest * NEAREST_CAPACITY * ratio ** step;
    const fit = relativeError(bins, ({ throughput }) => 1 / (1 - throughput / capacity));
    if (fit.error < best.error) best = { capacity, ...fit };
  }
  return best;
}

/** Base that is the median of latency ÷ shape, and the mean |log| distance from it. */
function relativeError(bins: readonly Pair[], shape: (bin: Pair) => number): Fit {
  const logs = bins.map((bin) => Math.log(bin.latency) - Math.log(shape(bin)));
  const centre = middle(logs);
  const error = logs.reduce((sum, value) => sum + Math.abs(value - centre), 0) / logs.length;
  return { base: Math.exp(centre), error };
}
