import type { Batch, ServiceBatch } from '../../proto/columns/index.ts';
import { logJson, spanJson } from '../json/index.ts';
import type { SearchItem } from './naive-search.ts';

/** Every row of spans or log records as the API shows it. */
export function itemsOf({ service, batch }: ServiceBatch): SearchItem[] {
  return Array.from({ length: batch.rowCount }, (_, row) =>
    batch.signal === 'traces'
      ? spanJson(service, batch as Batch<'traces'>, row)
      : logJson(service, batch as Batch<'logs'>, row),
  );
}
