// Hot: once an attribute of a batch that is scanned for the first time. Bench: bench/hot-query.
import type { Batch } from '../../proto/columns/index.ts';
import { attributeKeys } from './attribute-keys.ts';

/** What this thread has found out of batches, by their buffer. */
const known = new WeakMap<SharedArrayBuffer, boolean>();

/**
 * Whether any row has two attributes of one key, which OTLP forbids and some send. Where none has, an attribute that is
 * found needs no looking for others, and stands where the row before had it: a row then costs one look instead of ten.
 */
export function hasRepeatedKeys(batch: Batch<'traces' | 'logs'>): boolean {
  let answer = known.get(batch.buffer);
  if (answer === undefined) {
    answer = findRepeated(batch);
    known.set(batch.buffer, answer);
  }
  return answer;
}

function findRepeated({ columns, dictionary, rowCount }: Batch<'traces' | 'logs'>): boolean {
  const { keyOf, keys } = attributeKeys(dictionary);
  const { offsets, items } = columns.attributes;
  /** By key: the last row that had it, from 1 on. */
  const seenIn = new Int32Array(keys.length);
  for (let row = 0; row < rowCount; row += 1) {
    const end = offsets[row + 1] ?? 0;
    for (let at = offsets[row] ?? 0; at < end; at += 1) {
      const key = keyOf[items[at] ?? 0] ?? 0;
      if (seenIn[key] === row + 1) return true;
      seenIn[key] = row + 1;
    }
  }
  return false;
}
