// Hot: once a point. Bench: bench/hot-query.
import type { MetricJson } from '../../proto/api/index.ts';
import type { Batch, ServiceBatch } from '../../proto/columns/index.ts';
import type { AttributeUse, CatalogueQuery, MetricUse } from '../../proto/query/index.ts';
import { xxHash32 } from '../aggregate/index.ts';
import { dictionaryReader, type Attribute, type DictionaryReader } from '../columns/index.ts';
import { anyValueText, metricJson } from '../json/index.ts';
import { isWithin } from '../scan/index.ts';
import { LeastHashes } from './least-hashes.ts';
import { SeriesHashes } from './series-hashes.ts';

interface Walk {
  readonly batches: Iterable<ServiceBatch>;
}

/** Metrics with points, how many, and of which series. */
export function metricUses(query: CatalogueQuery, walk: Walk): MetricUse[] {
  const uses = new Map<string, { metric: MetricJson; points: number; series: LeastHashes }>();
  scan(query, walk, (metric, points, newSeries) => {
    const key = JSON.stringify(metric);
    let use = uses.get(key);
    if (!use) {
      use = { metric, points: 0, series: new LeastHashes() };
      uses.set(key, use);
    }
    use.points += points;
    for (const { hash } of newSeries) use.series.add(hash);
  });
  return Array.from(uses.values(), ({ series, ...use }) => ({ ...use, series: series.take() }));
}

/** Values of the attributes in the series of metrics. */
export function attributeUses(query: CatalogueQuery, walk: Walk): AttributeUse[] {
  const uses = new Map<string, { metric: MetricJson; fields: Map<string, LeastHashes> }>();
  const encoder = new TextEncoder();
  scan(query, walk, (metric, _points, newSeries, { columns, dictionary }) => {
    const key = JSON.stringify(metric);
    let use = uses.get(key);
    if (!use) {
      use = { metric, fields: new Map() };
      uses.set(key, use);
    }
    const { fields } = use;
    const add = (field: string, { value }: Attribute): void => {
      let values = fields.get(field);
      if (!values) {
        values = new LeastHashes();
        fields.set(field, values);
      }
      values.add(xxHash32(encoder.encode(anyValueText(value))));
    };
    const reader = dictionaryReader(dictionary);
    const { offsets, items } = columns.attributes;
    for (const { row } of newSeries) {
      for (let item = offsets[row] ?? 0; item < (offsets[row + 1] ?? 0); item += 1) {
        const attribute = reader.attribute(items[item] ?? 0);
        add(attribute.key, attribute);
      }
      for (const attribute of reader.resource(columns.resource[row] ?? 0).attributes) {
        add(`resource.${attribute.key}`, attribute);
      }
    }
  });
  return Array.from(uses.values(), ({ metric, fields }) =>
    Array.from(fields, ([field, values]) => ({ metric, field, values: values.take() })),
  ).flat();
}

interface SeenSeries {
  readonly hash: number;
  /** Its first row in the batch. */
  readonly row: number;
}

/** Calls back once a batch and metric, with the series that were not seen before. */
function scan(
  { range, text, names }: CatalogueQuery,
  { batches }: Walk,
  visit: (
    metric: MetricJson,
    points: number,
    newSeries: readonly SeenSeries[],
    batch: Batch<'metrics'>,
  ) => void,
): void {
  const hashes = new SeriesHashes();
  const seen = new Map<string, Set<number>>();
  const wanted = names && new Set(names);
  const part = text === undefined ? undefined : asciiLower(text);
  const isMeant = (name: string): boolean =>
    (part === undefined || asciiLower(name).includes(part)) && wanted?.has(name) !== false;
  for (const { batch: any } of batches) {
    const batch = any as Batch<'metrics'>;
    const { columns, rowCount } = batch;
    const reader = dictionaryReader(batch.dictionary);
    const byCode = new Map<number, { points: number; newSeries: SeenSeries[]; known: Set<number> } | null>();
    const ofRows = hashes.of(batch);
    for (let row = 0; row < rowCount; row += 1) {
      if (!isWithin(columns.timeUnixNano[row] ?? 0n, range)) continue;
      const code = columns.metric[row] ?? 0;
      let found = byCode.get(code);
      if (found === undefined) {
        found = isMeant(reader.metric(code).name)
          ? { points: 0, newSeries: [], known: knownOf(seen, reader, code) }
          : null;
        byCode.set(code, found);
      }
      if (!found) continue;
      found.points += 1;
      const hash = ofRows[row] ?? 0;
      if (found.known.has(hash)) continue;
      found.known.add(hash);
      found.newSeries.push({ hash, row });
    }
    for (const [code, found] of byCode) {
      if (found) visit(metricJson(reader.metric(code)), found.points, found.newSeries, batch);
    }
  }
}

function knownOf(seen: Map<string, Set<number>>, reader: DictionaryReader, code: number): Set<number> {
  const key = JSON.stringify(metricJson(reader.metric(code)));
  let known = seen.get(key);
  if (!known) {
    known = new Set();
    seen.set(key, known);
  }
  return known;
}

function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
