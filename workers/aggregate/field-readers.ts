// Hot: once a row. Bench: bench/hot-query.
import type { Batch, ServiceBatch } from '../../proto/columns/index.ts';
import type { GroupField, NumberField } from '../../proto/query/index.ts';
import { dictionaryReader } from '../columns/index.ts';
import { anyValueText, idHex } from '../json/index.ts';
import { numberIn } from '../search/index.ts';
import { AttributeNumbers } from './attribute-codes.ts';
import { codeName } from './code-names.ts';
import type { TextIds } from './text-ids.ts';

/** A number for each row in the mask; NaN for none. */
export type ReadRows = (part: ServiceBatch, mask: Uint8Array, into: Float64Array) => void;

type SearchedBatch = Batch<'traces' | 'logs'>;

export function numberReader(field: NumberField): ReadRows {
  if (field.type === 'duration') return readDurations;
  const numbers = new AttributeNumbers(field, ({ value }) => {
    const number = numberIn(value);
    return number !== undefined && Number.isFinite(number) ? number : NaN;
  });
  return ({ batch }, mask, into) => {
    numbers.read(batch as SearchedBatch, mask, into);
  };
}

function readDurations({ batch }: ServiceBatch, _mask: Uint8Array, into: Float64Array): void {
  const rows = batch.rowCount;
  if (batch.signal !== 'traces') {
    into.fill(NaN, 0, rows);
    return;
  }
  const { durationNano } = (batch as Batch<'traces'>).columns;
  const words = new Int32Array(durationNano.buffer, durationNano.byteOffset, 2 * rows);
  for (let row = 0; row < rows; row += 1) {
    into[row] = (words[2 * row + 1] ?? 0) * 2 ** 32 + ((words[2 * row] ?? 0) >>> 0);
  }
}

/** Ids of texts. What is empty is none, an attribute that is there is not. */
export function textReader(field: GroupField, ids: TextIds): ReadRows {
  switch (field.type) {
    case 'service':
      return ({ service, batch }, _mask, into) => {
        const text = service[field.part];
        into.fill(text === '' ? NaN : ids.idOf(text), 0, batch.rowCount);
      };
    case 'attribute': {
      const numbers = new AttributeNumbers(field, ({ value }) => ids.idOf(anyValueText(value)));
      return ({ batch }, mask, into) => {
        numbers.read(batch as SearchedBatch, mask, into);
      };
    }
    case 'trace':
      return ({ batch }, mask, into) => {
        const { traceId } = (batch as SearchedBatch).columns;
        for (let row = 0; row < batch.rowCount; row += 1) {
          if (mask[row] === 0) continue;
          const hex = idHex(traceId, 16, row);
          into[row] = hex === '' ? NaN : ids.idOf(hex);
        }
      };
    case 'string':
      return byCode(field.column, (batch, code) => dictionaryReader(batch.dictionary).string(code), ids);
    case 'scope':
      return byCode(
        'scope',
        (batch, code) => dictionaryReader(batch.dictionary).scope(code)[field.part],
        ids,
      );
    case 'number':
      return byCode(field.column, (_batch, code) => codeName(field.column, code) ?? '', ids);
  }
}

/** Texts of a column of codes, each made once a generation. A signal without the column has none. */
function byCode(column: string, textOf: (batch: Batch, code: number) => string, ids: TextIds): ReadRows {
  const generations = new Map<number, number[]>();
  return ({ batch }, mask, into) => {
    const codes = (batch.columns as unknown as Readonly<Record<string, Int32Array | Uint8Array | undefined>>)[
      column
    ];
    const rows = batch.rowCount;
    if (!codes) {
      into.fill(NaN, 0, rows);
      return;
    }
    let known = generations.get(batch.dictionary.id);
    if (!known) {
      known = [];
      generations.set(batch.dictionary.id, known);
    }
    for (let row = 0; row < rows; row += 1) {
      if (mask[row] === 0) continue;
      const code = codes[row] ?? 0;
      let id = known[code];
      if (id === undefined) {
        const text = textOf(batch, code);
        id = text === '' ? NaN : ids.idOf(text);
        known[code] = id;
      }
      into[row] = id;
    }
  };
}
