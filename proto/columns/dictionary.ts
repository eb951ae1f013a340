import type { BinaryColumn, DictionaryName } from './layout.ts';

/**
 * Entries by code, as they stood when a batch was published. Buffers are shared and append-only: a later table of
 * the same generation holds the same entries at the same codes, and more behind them.
 *
 * What an entry's bytes are:
 * - `strings`: UTF-8 text; code 0 is the empty string.
 * - `attributes`: the wire bytes of one OTLP `KeyValue`.
 * - `resources`: the wire bytes of a `ResourceSpans` that holds only `resource` (1) and `schema_url` (3).
 * - `scopes`: the wire bytes of a `ScopeSpans` that holds only `scope` (1) and `schema_url` (3).
 * - `metrics`: the wire bytes of a `Metric` whose data holds everything but its points.
 * - `bounds`: little-endian doubles; code 0 is the empty list.
 */
export interface DictionaryTable extends BinaryColumn {
  readonly count: number;
}

/** A generation is never written again once the next has begun; `id` is unique within the process's life. */
export interface DictionarySnapshot {
  readonly id: number;
  readonly tables: { readonly [Name in DictionaryName]: DictionaryTable };
}
