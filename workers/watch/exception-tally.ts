import type { Batch, ServiceId, ServiceKey } from '../../proto/columns/index.ts';
import { dictionaryReader } from '../columns/index.ts';
import { anyValueText } from '../json/index.ts';

/** Failures of one type in one operation of a service. */
export interface TalliedException {
  readonly service: ServiceKey;
  readonly operation: string;
  /** `exception.type`; empty where none was recorded. */
  readonly exceptionType: string;
  /** Of the first. */
  readonly message: string;
  count: number;
}

const STATUS_ERROR = 2;
const MOST_TYPES = 200;
/** Reading each failure's events costs more than counting it. */
const MOST_READ_A_BATCH = 200;
const LONGEST_TEXT = 300;

/** Types of failures, read from failed spans' `exception` events; a bounded number of them. */
export class ExceptionTally {
  private readonly found: TalliedException[] = [];
  /** By service, operation and type. */
  private readonly known = new Map<ServiceId, Map<string, Map<string, TalliedException>>>();

  add(id: ServiceId, service: ServiceKey, batch: Batch<'traces'>): void {
    const { statusCode, name, statusMessage } = batch.columns;
    const dictionary = dictionaryReader(batch.dictionary);
    let read = 0;
    for (let row = 0; row < batch.rowCount && read < MOST_READ_A_BATCH; row += 1) {
      if (statusCode[row] !== STATUS_ERROR) continue;
      read += 1;
      const { type, message } = exceptionAt(batch, row);
      const operation = dictionary.string(name[row] ?? 0).slice(0, LONGEST_TEXT);
      const known = this.known.get(id)?.get(operation)?.get(type);
      if (known !== undefined) known.count += 1;
      else if (this.found.length < MOST_TYPES) {
        const text = (message || dictionary.string(statusMessage[row] ?? 0)).slice(0, LONGEST_TEXT);
        const found = { service, operation, exceptionType: type, message: text, count: 1 };
        this.found.push(found);
        innerOf(innerOf(this.known, id), operation).set(type, found);
      }
    }
  }

  list(): readonly TalliedException[] {
    return this.found;
  }
}

function innerOf<Key, InnerKey, Value>(maps: Map<Key, Map<InnerKey, Value>>, key: Key): Map<InnerKey, Value> {
  let inner = maps.get(key);
  if (inner === undefined) {
    inner = new Map();
    maps.set(key, inner);
  }
  return inner;
}

function exceptionAt(batch: Batch<'traces'>, row: number): { type: string; message: string } {
  const { offsets, items } = batch.columns.events;
  const dictionary = dictionaryReader(batch.dictionary);
  const found = { type: '', message: '' };
  const start = offsets[row] ?? 0;
  for (let event = (offsets[row + 1] ?? 0) - 1; event >= start; event -= 1) {
    if (dictionary.string(items.name[event] ?? 0) !== 'exception') continue;
    const { attributes } = items;
    for (let at = attributes.offsets[event] ?? 0; at < (attributes.offsets[event + 1] ?? 0); at += 1) {
      const { key, value } = dictionary.attribute(attributes.items[at] ?? 0);
      if (key === 'exception.type') found.type = anyValueText(value).slice(0, LONGEST_TEXT);
      else if (key === 'exception.message') found.message = anyValueText(value).slice(0, LONGEST_TEXT);
    }
    return found;
  }
  return found;
}
