import type { AnyBatch, DecodedRequest } from '../../proto/columns/index.ts';
import { dictionaryReader, logAt, metricPointAt, spanAt, toOtlpAttribute } from '../columns/index.ts';
import type { Rows } from './expected-rows.ts';

type Plain = Record<string, unknown>;

/** What a decoder says, as plain data. Throws when its counts contradict its rows. */
export function rowsOf(decoded: DecodedRequest): Rows {
  const byService: Record<string, Plain[]> = {};
  let count = 0;
  for (const { service, batch } of decoded.batches) {
    const key = JSON.stringify([service.namespace, service.name, service.environment]);
    if (byService[key]) throw new Error(`two batches of the service ${key}`);
    byService[key] = Array.from({ length: batch.rowCount }, (_, row) => rowOf(batch as AnyBatch, row));
    count += batch.rowCount;
  }
  if (count !== decoded.accepted) throw new Error(`${count} rows, but ${decoded.accepted} accepted`);
  const rejections = Object.fromEntries(decoded.rejections);
  const rejected = Object.values(rejections).reduce((sum, n) => sum + n, 0);
  if (rejected !== decoded.rejected) throw new Error(`${rejected} reasons, but ${decoded.rejected} rejected`);
  return { byService, rejections };
}

function rowOf(batch: AnyBatch, row: number): Plain {
  const dictionary = dictionaryReader(batch.dictionary);
  const resource = dictionary.resource(batch.columns.resource[row] ?? -1);
  const scope = dictionary.scope(batch.columns.scope[row] ?? -1);
  return {
    resource: { ...resource, attributes: resource.attributes.map(toOtlpAttribute) },
    scope: { ...scope, attributes: scope.attributes.map(toOtlpAttribute) },
    item: itemOf(batch, row),
  };
}

function itemOf(batch: AnyBatch, row: number): unknown {
  if (batch.signal === 'traces') return spanAt(batch, row);
  if (batch.signal === 'logs') return logAt(batch, row);
  const metric = dictionaryReader(batch.dictionary).metric(batch.columns.metric[row] ?? -1);
  return {
    metric: { ...metric, metadata: metric.metadata.map(toOtlpAttribute) },
    point: metricPointAt(batch, row),
  };
}
