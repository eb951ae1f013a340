import { describe, expect, it } from 'vitest';
import { labelEntries, type Series } from '../promql/index.ts';
import { exposedNames } from './exposed-names.ts';
import { prometheusLabelName, prometheusMetricName } from './metric-name.ts';
import {
  NO_POINTS,
  type OtlpStream,
  type PointColumns,
  type StreamChunk,
  type StreamMetric,
} from './otlp-stream.ts';
import { selectSeries, selectTargetInfo } from './select-series.ts';

const metric = (
  name: string,
  unit: string,
  kind: StreamMetric['kind'],
  isMonotonic = false,
): StreamMetric => ({
  name,
  unit,
  kind,
  temporality: 2,
  isMonotonic,
});

describe('names', () => {
  it.each([
    ['http.server.request.duration', 's', 'histogram', false, 'http_server_request_duration_seconds'],
    ['requests', '{request}', 'sum', true, 'requests_total'],
    ['requests_total', '1', 'sum', true, 'requests_total'],
    ['system.cpu.utilization', '1', 'gauge', false, 'system_cpu_utilization_ratio'],
    ['network.io', 'By/s', 'gauge', false, 'network_io_bytes_per_second'],
    ['disk.bytes', 'By', 'sum', true, 'disk_bytes_total'],
    ['memory', 'MiBy', 'gauge', false, 'memory_mebibytes'],
    ['2xx.responses', '', 'sum', true, '_2xx_responses_total'],
    ['a--b', '%', 'gauge', false, 'a_b_percent'],
    ['active', '{connection}', 'sum', false, 'active'],
    ['made', 'constructor', 'gauge', false, 'made_constructor'],
    ['made', 'By/toString', 'gauge', false, 'made_bytes_per_toString'],
  ] as const)('%s in %j (%s, monotonic %s) is %s', (name, unit, kind, isMonotonic, spelled) => {
    expect(prometheusMetricName(metric(name, unit, kind, isMonotonic))).toBe(spelled);
  });

  it.each([
    ['http.route', 'http_route'],
    ['2xx', 'key_2xx'],
    ['_hidden', 'key_hidden'],
    ['__meta', '__meta'],
    ['größe', 'gr__e'],
  ])('attribute %s is label %s', (key, label) => {
    expect(prometheusLabelName(key)).toBe(label);
  });

  it('are those of Prometheus and those that were sent', () => {
    const names = exposedNames(metric('a.b', 's', 'histogram')).map(({ name, part }) => `${name}=${part}`);
    expect(names).toEqual([
      'a_b_seconds_bucket=bucket',
      'a_b_seconds_count=count',
      'a_b_seconds_sum=sum',
      'a.b_bucket=bucket',
      'a.b_count=count',
      'a.b_sum=sum',
      'a.b=native',
    ]);
  });
});

const resource = [
  ['service.name', 'cart'],
  ['service.namespace', 'shop'],
  ['service.instance.id', 'i1'],
  ['host.name', 'h'],
] as const;
const stream = (own: Partial<OtlpStream>): OtlpStream => ({
  metric: metric('m', '', 'gauge'),
  resource,
  scope: { name: 'lib', version: '', attributes: [] },
  attributes: [],
  ...own,
});
const chunk = (own: Partial<OtlpStream>, points: Partial<PointColumns>): StreamChunk => {
  const timesMs = points.timesMs ?? Float64Array.of();
  return {
    stream: stream(own),
    points: { ...NO_POINTS, isStale: new Uint8Array(timesMs.length), ...points },
  };
};
const named = (
  value: string,
  operator: '=' | '=~' = '=',
): { name: string; operator: '=' | '=~'; value: string } => ({
  name: '__name__',
  operator,
  value,
});
const samplesOf = ({ timestamps, values }: Series): [number, number][] =>
  Array.from(timestamps, (time, at) => [time, values[at] ?? NaN]);

describe('series of OTLP streams', () => {
  it('come together from pieces in any order, the last of equal times', () => {
    const [series, ...others] = selectSeries(
      [
        chunk({}, { timesMs: Float64Array.of(30, 10), values: Float64Array.of(3, 1) }),
        chunk({}, { timesMs: Float64Array.of(20, 30), values: Float64Array.of(2, 33) }),
      ],
      [named('m')],
    );
    expect(others).toEqual([]);
    expect(series && samplesOf(series)).toEqual([
      [10, 1],
      [20, 2],
      [30, 33],
    ]);
    expect(series && labelEntries(series.labels)).toEqual([
      ['__name__', 'm'],
      ['instance', 'i1'],
      ['job', 'shop/cart'],
      ['otel_scope_name', 'lib'],
    ]);
  });

  it.each(['quantile', 'le'])('of a gauge are found by an attribute that is called %s', (name) => {
    const chunks = ['0.5', '0.99'].map((value, at) =>
      chunk({ attributes: [[name, value]] }, { timesMs: Float64Array.of(10), values: Float64Array.of(at) }),
    );
    const found = (value: string): number[] =>
      selectSeries(chunks, [named('m'), { name, operator: '=', value }]).flatMap(({ values }) => [...values]);
    expect(found('0.99')).toEqual([1]);
    expect(found('0.9')).toEqual([]);
    expect(found('')).toEqual([]);
  });

  it('count deltas up over all pieces', () => {
    const sum = { metric: { ...metric('d', '', 'sum', true), temporality: 1 } };
    const [series] = selectSeries(
      [
        chunk(sum, { timesMs: Float64Array.of(30), values: Float64Array.of(4) }),
        chunk(sum, { timesMs: Float64Array.of(10, 20), values: Float64Array.of(1, 2) }),
      ],
      [named('d_total')],
    );
    expect(series && samplesOf(series)).toEqual([
      [10, 1],
      [20, 3],
      [30, 7],
    ]);
  });

  it('make cumulative buckets of those that are wanted, also where bounds change', () => {
    const histogram = { metric: metric('h', '', 'histogram') };
    const chunks = [
      chunk(histogram, {
        timesMs: Float64Array.of(10, 20),
        counts: Float64Array.of(6, 12),
        buckets: { ends: Uint32Array.of(3, 6), items: Float64Array.of(1, 2, 3, 2, 4, 6) },
        bounds: Float64Array.of(1, 5),
      }),
      chunk(histogram, {
        timesMs: Float64Array.of(30),
        counts: Float64Array.of(9),
        buckets: { ends: Uint32Array.of(2), items: Float64Array.of(4, 5) },
        bounds: Float64Array.of(5),
      }),
    ];
    const buckets = selectSeries(chunks, [named('h_bucket'), { name: 'le', operator: '!=', value: '1' }]);
    expect(buckets.map((one) => [new Map(labelEntries(one.labels)).get('le'), samplesOf(one)])).toEqual([
      [
        '5',
        [
          [10, 3],
          [20, 6],
          [30, 4],
        ],
      ],
      [
        '+Inf',
        [
          [10, 6],
          [20, 12],
          [30, 9],
        ],
      ],
    ]);
    expect(selectSeries(chunks, [named('h_count'), { name: 'le', operator: '=', value: '1' }])).toEqual([]);
  });

  it('shift exponential buckets by one, and halve what is too fine', () => {
    const exponential = { metric: metric('e', '', 'exponentialHistogram') };
    const points = (scale: number, offset: number, counts: number[]): Partial<PointColumns> => ({
      timesMs: Float64Array.of(10),
      counts: Float64Array.of(6),
      sums: Float64Array.of(9),
      scales: Float64Array.of(scale),
      zeroCounts: Float64Array.of(0),
      zeroThresholds: Float64Array.of(0),
      positiveOffsets: Float64Array.of(offset),
      positive: { ends: Uint32Array.of(counts.length), items: Float64Array.from(counts) },
      negativeOffsets: Float64Array.of(0),
      negative: { ends: Uint32Array.of(0), items: Float64Array.of() },
    });
    const read = (own: Partial<PointColumns>): unknown => {
      const [series] = selectSeries([chunk(exponential, own)], [named('e')]);
      const { schemas, positiveIndexes, positiveCounts } = series?.histograms?.column ?? {};
      return [schemas?.[0], [...(positiveIndexes ?? [])], [...(positiveCounts ?? [])]];
    };
    expect(read(points(0, 0, [1, 2]))).toEqual([0, [1, 2], [1, 2]]);
    expect(read(points(9, -1, [1, 2, 3, 4]))).toEqual([8, [0, 1, 2], [1, 5, 4]]);
  });

  it('join attributes that become one label, and find either by its own name', () => {
    const attributes = [
      ['a.b', 'x'],
      ['a_b', 'y'],
    ] as const;
    const gauge = [chunk({ attributes }, { timesMs: Float64Array.of(1), values: Float64Array.of(1) })];
    const find = (name: string, value: string): number =>
      selectSeries(gauge, [named('m'), { name, operator: '=', value }]).length;
    expect(find('a_b', 'x;y')).toBe(1);
    expect(find('a.b', 'x')).toBe(1);
    expect(find('a.b', 'y')).toBe(0);
  });

  it.each<[Readonly<Record<string, string>>, string | undefined]>([
    [{ 'service.instance.id': 'i', 'k8s.pod.name': 'cart-7f', 'process.pid': '8' }, 'i'],
    [{ 'k8s.pod.name': 'cart-7f', 'k8s.pod.uid': 'u', 'host.name': 'node' }, 'cart-7f'],
    [{ 'container.id': 'c1', 'host.name': 'node', 'process.pid': '8' }, 'c1/8'],
    [{ 'host.name': 'box', 'process.pid': '8' }, 'box/8'],
    [{ 'process.pid': '8' }, '8'],
    [{ 'service.version': '1' }, undefined],
  ])('are told apart by what they run in where they name no instance: %o is %s', (who, instance) => {
    const own = { resource: Object.entries({ 'service.name': 'cart', ...who }) };
    const points = { timesMs: Float64Array.of(1), values: Float64Array.of(1) };
    const [series] = selectSeries([chunk(own, points)], [named('m')]);
    expect(series && new Map(labelEntries(series.labels)).get('instance')).toBe(instance);
  });

  it('keep attributes called job and instance where the resource does not say who it is', () => {
    const of = (own: Partial<OtlpStream>): unknown => {
      const attributes = [
        ['job', 'a'],
        ['instance', 'b'],
      ] as const;
      const points = { timesMs: Float64Array.of(1), values: Float64Array.of(1) };
      const [series] = selectSeries([chunk({ attributes, ...own }, points)], [named('m')]);
      return series && labelEntries(series.labels).slice(1, 3);
    };
    expect(of({ resource: [] })).toEqual([
      ['instance', 'b'],
      ['job', 'a'],
    ]);
    expect(of({})).toEqual([
      ['instance', 'i1'],
      ['job', 'shop/cart'],
    ]);
  });

  it('tell of a resource what does not identify it, if somebody is identified', () => {
    const timesMs = Float64Array.of(5);
    const [info] = selectTargetInfo([{ resource, timesMs }], [named('target_info')]);
    expect(info && labelEntries(info.labels)).toEqual([
      ['__name__', 'target_info'],
      ['host_name', 'h'],
      ['instance', 'i1'],
      ['job', 'shop/cart'],
    ]);
    expect(selectTargetInfo([{ resource: resource.slice(0, 3), timesMs }], [named('target_info')])).toEqual(
      [],
    );
    expect(selectTargetInfo([{ resource: [['host.name', 'h']], timesMs }], [named('.*', '=~')])).toEqual([]);
  });
});
