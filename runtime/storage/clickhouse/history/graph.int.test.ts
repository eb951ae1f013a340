import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  engineOver,
  pointBatches,
  spanBatches,
  unboundedRun,
  type PointFixture,
} from '../../../../actors/fixtures/index.ts';
import { insertSegment } from '../../../../actors/ports/index.ts';
import { GRAPH_METRICS } from '../../../../actors/query/index.ts';
import {
  openClickHouse,
  startEmbeddedClickHouse,
  type ClickHouseStore,
  type EmbeddedClickHouse,
} from '../index.ts';

const ms = (value: number): bigint => BigInt(value) * 1_000_000n;
const NOW = ms(100_000);

/** Of a report at this time: so many failed calls, as the platform says them. */
const failed = (timeMs: number, server: string, value: number): PointFixture => ({
  service: 'ophion',
  name: GRAPH_METRICS.failed,
  kind: 'delta',
  timeMs,
  value,
  attributes: { client: '~~cart', server },
});
const span = (service: string, startMs: number) => ({ service, startMs });

const SEGMENTS = [
  [...pointBatches([failed(1_000, '~~pay', 2)]), ...spanBatches([span('cart', 900), span('pay', 950)])],
  [...pointBatches([failed(2_000, '~~pay', 3), failed(2_000, 'database:shop', 1)])],
  [...pointBatches([failed(1_500, '~~pay', 5)]), ...spanBatches([span('ship', 3_000)])],
];

let home: string;
let engine: EmbeddedClickHouse;
let store: ClickHouseStore;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ophion-graph-'));
  engine = await startEmbeddedClickHouse({ dataDir: home, template: 'dist/templates/clickhouse' });
  store = await openClickHouse({ target: engine });
  for (const [index, batches] of SEGMENTS.entries()) {
    await insertSegment(store.archive, { number: index + 1, batches });
  }
});
afterAll(async () => {
  await store.close();
  await engine.stop();
  await rm(home, { recursive: true, force: true });
});

it.each([0, 1, 2, 3])(
  'shows who called whom at a past moment, with %i segments archived',
  async (through) => {
    const { query, stop } = engineOver(store.history, SEGMENTS, through);
    const graph = async (fromMs: number, toMs: number) => {
      const range = { fromUnixNano: ms(fromMs), toUnixNano: ms(toMs) };
      const { nodes, edges } = await query.graph(range, NOW, unboundedRun());
      return {
        nodes: nodes.map(({ id, type }) => `${type} ${id}`),
        edges: edges.map(({ from, to, errors }) => `${from} ${to} ${errors}`).sort(),
      };
    };
    expect(await graph(0, 1_200)).toEqual({
      nodes: ['service ~~cart', 'service ~~pay'],
      edges: ['~~cart ~~pay 2'],
    });
    // What came late belongs to when it was.
    expect(await graph(1_200, 1_600)).toEqual({
      nodes: ['service ~~cart', 'service ~~pay'],
      edges: ['~~cart ~~pay 5'],
    });
    expect(await graph(0, 4_000)).toEqual({
      nodes: ['database database:shop', 'service ~~cart', 'service ~~pay', 'service ~~ship'],
      edges: ['~~cart database:shop 1', '~~cart ~~pay 10'],
    });
    expect(await graph(5_000, 6_000)).toEqual({ nodes: [], edges: [] });
    stop();
  },
);
