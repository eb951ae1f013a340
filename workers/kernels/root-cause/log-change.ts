import type { LogPatternCount } from './evidence-input.ts';

/** The pattern of a service that changed most for the service's traffic. */
export interface LogChange {
  readonly pattern: string;
  readonly kind: 'new' | 'gone' | 'rising' | 'falling';
  readonly isError: boolean;
  readonly normal: number;
  readonly abnormal: number;
  /** Root of the likelihood ratio, in standard deviations; less for changes that a shift of the traffic makes too. */
  readonly surprise: number;
}

const WEIGHT_OF_SHIFT = 0.25;

/**
 * Each pattern's count against what the service's usual pattern would have led to: the service's traffic in either stretch is the
 * median ratio over its patterns, so fewer requests are no change. Surprise is the root of Poisson's likelihood ratio
 * (Dunning 1993). Sorted, the most surprising first. O(n log n).
 */
export function logChanges(counts: readonly LogPatternCount[]): Map<string, LogChange[]> {
  const byService = new Map<string, LogPatternCount[]>();
  for (const count of counts) {
    if (!(count.normal >= 0) || !(count.abnormal >= 0) || !Number.isFinite(count.normal + count.abnormal)) {
      continue;
    }
    const list = byService.get(count.service);
    if (list === undefined) byService.set(count.service, [count]);
    else list.push(count);
  }
  return new Map(
    [...byService].map(([service, patterns]) => {
      const ratio = trafficRatio(patterns);
      const changes = patterns.map((pattern) => changeOfPattern(pattern, ratio));
      return [
        service,
        changes.sort((one, other) => other.surprise - one.surprise || (one.pattern < other.pattern ? -1 : 1)),
      ];
    }),
  );
}

/** Weighed by how often a pattern is logged, so that rare ones do not say what the traffic is. */
function trafficRatio(patterns: readonly LogPatternCount[]): number {
  const known = patterns
    .filter(({ normal }) => normal > 0)
    .map(({ normal, abnormal }) => ({ weight: normal, ratio: abnormal / normal }))
    .sort((one, other) => one.ratio - other.ratio);
  const half = known.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let sum = 0;
  for (const { weight, ratio } of known) {
    sum += weight;
    if (sum >= half && ratio > 0) return ratio;
  }
  return 1;
}

function changeOfPattern({ pattern, isError, normal, abnormal }: LogPatternCount, ratio: number): LogChange {
  const total = normal + abnormal;
  const expected = (total * ratio) / (1 + ratio);
  const expectedNormal = total - expected;
  const term = (count: number, mean: number): number => (count === 0 ? 0 : count * Math.log(count / mean));
  const surprise = Math.sqrt(Math.max(0, 2 * (term(abnormal, expected) + term(normal, expectedNormal))));
  const isMore = abnormal > expected;
  const kind = normal === 0 ? 'new' : abnormal === 0 ? 'gone' : isMore ? 'rising' : 'falling';
  return { pattern, kind, isError, normal, abnormal, surprise: surprise * harmOf(kind, isError) };
}

/** More errors, and the silence of a path that is still entered, are harm; errors that stop are none. */
function harmOf(kind: LogChange['kind'], isError: boolean): number {
  if (isError) return kind === 'new' || kind === 'rising' ? 1 : 0;
  return kind === 'gone' ? 1 : WEIGHT_OF_SHIFT;
}
