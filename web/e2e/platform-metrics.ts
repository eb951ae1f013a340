import type { GraphEdgeJson, GraphNodeJson, MetricJson, MetricSeriesJson } from '../../proto/api/index.ts';
import { resourceOf, serviceOf, SHOP, shopId } from './platform-data.ts';

const METRICS: readonly MetricJson[] = [
  ['http.server.request.duration', 'Duration of HTTP server requests', 's', 'histogram', 2, false],
  ['process.cpu.utilization', 'Share of a CPU in use', '1', 'gauge', 0, false],
  ['process.memory.usage', 'Physical memory in use', 'By', 'sum', 2, false],
  ['orders.placed', 'Orders placed', '{order}', 'sum', 2, true],
].map(([name, description, unit, kind, temporality, monotonic]) => ({
  name,
  description,
  unit,
  kind,
  temporality,
  monotonic,
  metadata: [],
})) as unknown as readonly MetricJson[];

export const metricsOfShop = (): readonly MetricJson[] => METRICS;

const POINTS = 60;

/** A minute-wise series for each of three services; the second has a hole, a counter is reset once. */
export function seriesOf(name: string, nowMs: number): MetricSeriesJson[] {
  const metric = METRICS.find((one) => one.name === name);
  if (metric === undefined) return [];
  return ['cart', 'payment', 'gateway'].map((service, which) => ({
    metric,
    attributes: [{ key: 'http.route', value: { stringValue: `/${service}` } }],
    points: Array.from({ length: POINTS }, (_, at) => at)
      .filter((at) => which !== 1 || at < 20 || at > 32)
      .map((at) => {
        const shared = {
          startTimeUnixNano: `${nowMs - POINTS * 15_000}000000`,
          timeUnixNano: `${nowMs - (POINTS - at) * 15_000}000000`,
          flags: 0,
          exemplars: [],
        };
        if (metric.kind !== 'histogram') {
          const value = metric.monotonic ? (at < 30 ? at : at - 30) * 15 : 40 + 20 * Math.sin(at / 6 + which);
          return { ...shared, value: { asDouble: value } };
        }
        return {
          ...shared,
          count: String(at * 40),
          sum: at * 3.2 * (which + 1),
          min: null,
          max: null,
          bucketCounts: [String(at * 20), String(at * 15), String(at * 5)],
          explicitBounds: [0.05, 0.25],
        };
      }),
    service: serviceOf(service),
    resource: resourceOf(service),
    scope: { name: 'shop', version: '1', attributes: [], droppedAttributesCount: 0, schemaUrl: '' },
  }));
}

export function graphOfShop(): { nodes: GraphNodeJson[]; edges: GraphEdgeJson[] } {
  const service = (name: string): GraphNodeJson => ({ id: shopId(name), name, type: 'service' });
  const edge = (
    from: string,
    to: string,
    requests: number,
    errors: number,
    p95Ms: number,
  ): GraphEdgeJson => ({
    from: from.includes(':') ? from : shopId(from),
    to: to.includes(':') ? to : shopId(to),
    requests,
    errors,
    p95Ms,
  });
  return {
    nodes: [
      ...SHOP.map(service),
      { id: 'database:postgresql/orders', name: 'orders', type: 'database' },
      { id: 'database:redis', name: 'redis', type: 'database' },
      { id: 'messaging:order.placed', name: 'order.placed', type: 'messaging' },
      { id: 'external:bank.example', name: 'bank.example', type: 'external' },
    ],
    edges: [
      edge('frontend', 'gateway', 98_000, 320, 180),
      edge('gateway', 'cart', 42_000, 12, 40),
      edge('gateway', 'catalog', 71_000, 0, 55),
      edge('gateway', 'checkout', 9_100, 300, 310),
      edge('gateway', 'search', 30_000, 4, 80),
      edge('checkout', 'payment', 9_000, 290, 240),
      edge('checkout', 'shipping', 8_700, 0, 30),
      edge('checkout', 'currency', 8_900, 0, 9),
      edge('checkout', 'messaging:order.placed', 8_600, 0, 6),
      edge('messaging:order.placed', 'email', 8_600, 2, 22),
      edge('cart', 'database:redis', 60_000, 0, 4),
      edge('catalog', 'database:postgresql/orders', 70_000, 0, 31),
      edge('checkout', 'database:postgresql/orders', 9_000, 1, 18),
      edge('payment', 'external:bank.example', 9_000, 288, 225),
      edge('frontend', 'recommendation', 20_000, 0, 35),
      edge('recommendation', 'catalog', 19_000, 0, 30),
    ],
  };
}
