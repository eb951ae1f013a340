import { spanBatches, type SpanFixture } from '../../actors/fixtures/index.ts';
import type { ServiceBatch } from '../../proto/columns/index.ts';

/** Each calls the five services below it: 200 make a tree of five levels. */
const CALLEES = 5;
const OWN_MS = 4;
const HOP_MS = 1;

export interface TreeTraffic {
  readonly services: number;
  /** Each goes from the root down to a service that calls nobody. */
  readonly requests: number;
  readonly slow?: { readonly service: number; readonly moreMs: number };
}

export function nameOf(service: number): string {
  return `service-${service}`;
}

/** Requests of `overMs` from `startMs`, Unix ms, spread evenly over the services at the bottom; no client span names whom it calls. */
export function treeTraffic(
  { services, requests, slow }: TreeTraffic,
  startMs: number,
  overMs: number,
): readonly ServiceBatch[] {
  const firstLeaf = Math.ceil((services - 1) / CALLEES);
  const leaves = services - firstLeaf;
  const spans: SpanFixture[] = [];
  const step = startMs / overMs;
  for (let request = 0; request < requests; request += 1) {
    const leaf = firstLeaf + ((step * requests + request * 7) % leaves);
    const atMs = startMs + (request * overMs) / requests;
    const prefix = ((step * requests + request) % 2 ** 36).toString(16).padStart(12, '0');
    spans.push(...spansOf(wayTo(leaf), slow, prefix, atMs));
  }
  return spanBatches(spans);
}

/** From the root. */
function wayTo(service: number): readonly number[] {
  const way: number[] = [];
  for (let at = service; at > 0; at = Math.floor((at - 1) / CALLEES)) way.unshift(at);
  return [0, ...way];
}

function spansOf(
  way: readonly number[],
  slow: TreeTraffic['slow'],
  prefix: string,
  startMs: number,
): SpanFixture[] {
  const idOf = (hop: number, half: number): string =>
    `${prefix}${(16 * half + hop).toString(16).padStart(4, '0')}`;
  const traceId = prefix.padStart(32, '0');
  const spans: SpanFixture[] = [];
  let durationMs = 0;
  for (const [hop, service] of [...way.entries()].reverse()) {
    durationMs += OWN_MS * (0.8 + 0.4 * Math.random()) + (slow?.service === service ? slow.moreMs : 0);
    const shared = { traceId, startMs: startMs + hop * HOP_MS, isError: false };
    spans.push({
      ...{ ...shared, service: nameOf(service), spanId: idOf(hop, 1), name: 'GET /', kind: 2, durationMs },
      ...(hop > 0 && { parentSpanId: idOf(hop - 1, 2) }),
    });
    const caller = way[hop - 1];
    if (caller === undefined) continue;
    durationMs += HOP_MS;
    spans.push({
      ...{ ...shared, service: nameOf(caller), spanId: idOf(hop - 1, 2), parentSpanId: idOf(hop - 1, 1) },
      ...{ name: 'GET', kind: 3, durationMs },
    });
  }
  return spans;
}
