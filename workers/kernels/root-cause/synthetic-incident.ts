import type { CallEdge, RootCauseInput, SignalSeries } from './evidence-input.ts';

/**
 * A graph without cycles in which one service, reached from the first, becomes slow, and all on its way with it. For tests and benches.
 * Series have `points` normal and as many abnormal points, one each ten seconds.
 */
export function syntheticIncident({
  services,
  points,
  seed,
}: {
  readonly services: number;
  readonly points: number;
  readonly seed: number;
}): { readonly input: RootCauseInput; readonly cause: string } {
  const random = randomFrom(seed);
  const edges: CallEdge[] = [];
  const callers: number[][] = [[]];
  for (let callee = 1; callee < services; callee += 1) {
    const above = new Set([Math.floor(random() * callee), Math.floor(random() * callee)]);
    callers.push([...above]);
    for (const caller of above) edges.push({ caller: nameOf(caller), callee: nameOf(callee) });
  }
  const cause = 1 + Math.floor(random() * (services - 1));
  const affected = new Set([cause]);
  for (const service of affected) for (const caller of callers[service] ?? []) affected.add(caller);
  const series: SignalSeries[] = [];
  for (let service = 0; service < services; service += 1) {
    for (const kind of ['latency', 'requests', 'cpu'] as const) {
      const isSlow = kind === 'latency' && affected.has(service);
      const stretch = (start: number, added: number): SignalSeries['normal'] => ({
        times: Float64Array.from({ length: points }, (_, index) => start + 10 * index),
        values: Float64Array.from({ length: points }, () => 100 + random() * 10 + added),
      });
      series.push({
        service: nameOf(service),
        kind,
        name: kind,
        normal: stretch(0, 0),
        abnormal: stretch(10 * points, isSlow ? 200 : 0),
      });
    }
  }
  return { input: { edges, series, symptom: { service: nameOf(0), kind: 'latency' } }, cause: nameOf(cause) };
}

function nameOf(index: number): string {
  return `service-${String(index).padStart(3, '0')}`;
}

/** Park and Miller's generator. */
function randomFrom(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
