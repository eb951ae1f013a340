import { ClickHouseError, type ClickHouseClient, type ClickHouseSettings } from '@clickhouse/client';

import { QueryLimitError, type QueryRun } from '../../../../actors/ports/index.ts';
import { readError } from '../read-error.ts';
import type { Reader } from '../reader.ts';
import { KnownEntries } from '../history/known-entries.ts';
import { runSettings, RunReader } from '../run-reader.ts';
import { callRefusal, withoutTexts } from './check-calls.ts';
import { depthRefusal, sizeRefusal } from './check-sizes.ts';
import { refusalOf } from './check-syntax-tree.ts';

/** The stock-shaped views: all that a caller's SQL sees. */
const VIEWS: ReadonlySet<string> = new Set([
  'otel_traces',
  'otel_logs',
  'otel_metrics_gauge',
  'otel_metrics_sum',
  'otel_metrics_histogram',
  'otel_metrics_exponential_histogram',
  'otel_metrics_summary',
]);

export type SqlFormat = 'JSON' | 'JSONEachRow' | 'CSVWithNames' | 'ArrowStream' | 'Parquet';

/** The caller's SQL is not a SELECT that may run, or not one at all. `message` says where or what. */
export class SqlRefusedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SqlRefusedError';
  }
}

const MOST = {
  memoryBytes: 1_000_000_000,
  resultRows: 1_000_000,
  resultBytes: 256_000_000,
  /** Of all that the engine does for us when one more is begun; the embedded one has eight turns. */
  queries: 5,
} as const;

/**
 * Besides what the run allows. `readonly` forbids writing, DDL, table functions and later changes of settings; the rest
 * bounds what one query may take from everybody else.
 */
const SANDBOX: ClickHouseSettings = {
  readonly: '1',
  allow_ddl: 0,
  allow_introspection_functions: 0,
  max_memory_usage: String(MOST.memoryBytes),
  max_bytes_before_external_group_by: '0',
  max_bytes_before_external_sort: '0',
  max_result_rows: String(MOST.resultRows),
  max_result_bytes: String(MOST.resultBytes),
  result_overflow_mode: 'throw',
  // Some work is done between two looks at the deadline: what hangs leaves turns for archive and other questions.
  max_concurrent_queries_for_user: String(MOST.queries),
  // What is made while the query is read counts against no limit of memory.
  function_range_max_elements_in_block: '10000000',
  max_ast_depth: '500',
  max_ast_elements: '10000',
  max_expanded_ast_elements: '50000',
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_denormals: 1,
  output_format_arrow_string_as_string: 1,
  output_format_parquet_string_as_string: 1,
  // Not every reader of Arrow decompresses.
  output_format_arrow_compression_method: 'none',
};

/**
 * A caller's SELECT over the views. What runs is not the caller's text but what ClickHouse's own parser made of it, and
 * only when every node, table and function in its syntax tree is one that is allowed, and every call in its text.
 */
export class ReadOnlySql {
  private readonly client: ClickHouseClient;
  private readonly database: string;

  constructor(client: ClickHouseClient, database: string) {
    this.client = client;
    this.database = database;
  }

  /** The result as ClickHouse writes the format. Rejects with `SqlRefusedError`, or as reads of the history do. */
  async select(text: string, format: SqlFormat, run: QueryRun): Promise<AsyncIterable<Uint8Array>> {
    const sql = await run.timed('check', () => this.checked(text, run));
    return run.timed('cold', async () => {
      try {
        const { stream, response_headers } = await this.client.exec({
          query: `${sql} FORMAT ${format}`,
          abort_signal: run.signal,
          clickhouse_settings: { ...runSettings(run), ...SANDBOX },
        });
        const summary = response_headers['x-clickhouse-summary'];
        if (typeof summary === 'string') {
          const { read_rows = '0', read_bytes = '0' } = JSON.parse(summary) as Record<string, string>;
          run.countRead('cold', Number(read_rows), Number(read_bytes));
        }
        return stream;
      } catch (error) {
        throw refusedOr(error, run);
      }
    });
  }

  /** The query in one line without comments, as the parser writes it. */
  private async checked(text: string, run: QueryRun): Promise<string> {
    const tooDeep = depthRefusal(text);
    if (tooDeep !== undefined) throw new SqlRefusedError(tooDeep);
    const reader = new RunReader(this.client, run, new KnownEntries());
    const [row] = await reader
      .records<{ sql: string }>('SELECT formatQuerySingleLine({text:String}) AS sql', { text })
      .catch((error: unknown): never => {
        throw refusedOr(error, run);
      });
    const sql = row?.sql ?? '';
    if (!/^(?:SELECT|WITH|\()/.test(sql)) throw new SqlRefusedError('only a SELECT may be asked');
    // Both would blur the lines of the syntax tree.
    if (/\p{Cc}|`[^`]*\\/u.test(sql)) {
      throw new SqlRefusedError('names with control characters or escapes cannot be used');
    }
    const refusal =
      callRefusal(sql) ??
      sizeRefusal(sql) ??
      refusalOf(await this.syntaxTree(sql, run), {
        database: this.database,
        views: VIEWS,
        subqueryNames: await subqueryNames(sql, reader),
      });
    if (refusal !== undefined) throw new SqlRefusedError(refusal);
    return sql;
  }

  /** As a statement of its own: as a subquery (seen with 26.7) it leaves the definitions of windows out. */
  private async syntaxTree(sql: string, run: QueryRun): Promise<string> {
    try {
      const { stream } = await this.client.exec({
        query: `EXPLAIN AST ${sql}`,
        abort_signal: run.signal,
        clickhouse_settings: { ...runSettings(run), ...SANDBOX },
      });
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream) chunks.push(chunk as Uint8Array);
      return Buffer.concat(chunks).toString();
    } catch (error) {
      throw refusedOr(error, run);
    }
  }
}

/** Without those of tables: the name would let the table through elsewhere in the query. */
async function subqueryNames(sql: string, reader: Reader): Promise<Set<string>> {
  const names = namedSubqueries(sql);
  if (names.size === 0) return names;
  const tables = await reader.records<{ name: string }>(
    'SELECT name FROM system.tables WHERE database = currentDatabase() AND name IN ({names:Array(String)})',
    { names: [...names] },
  );
  for (const { name } of tables) names.delete(name);
  return names;
}

/** `name AS (SELECT …)`: aliases of expressions stand on the other side of AS. */
function namedSubqueries(sql: string): Set<string> {
  const names = Array.from(
    withoutTexts(sql).matchAll(/([A-Za-z_]\w*) AS \((?:SELECT|WITH|\()/g),
    ([, name = '']) => name,
  );
  return new Set(names);
}

/** What ClickHouse says of the caller's own text is the caller's to know; the rest is not. */
function refusedOr(error: unknown, run: QueryRun): unknown {
  const cause = error instanceof Error && error.cause instanceof ClickHouseError ? error.cause : error;
  const read = readError(cause, run);
  const isLimit = read instanceof QueryLimitError && cause instanceof ClickHouseError && !run.signal.aborted;
  const limit = isLimit ? LIMITS.get(cause.type ?? '') : undefined;
  if (limit !== undefined) return new QueryLimitError('QUERY_TOO_LARGE', limit);
  const isAboutText =
    cause instanceof ClickHouseError && !run.signal.aborted && ABOUT_THE_TEXT.has(cause.type ?? '');
  if (!isAboutText) return read;
  return new SqlRefusedError(cause.message.replace(/: ?In scope .*$/s, '').trim());
}

/** The sandbox's own limits, by the exception that says they do not suffice. */
const LIMITS: ReadonlyMap<string, string> = new Map([
  [
    'TOO_MANY_ROWS_OR_BYTES',
    `the result has more than ${MOST.resultRows} rows or ${MOST.resultBytes} bytes, which is all that SQL may give: add a LIMIT, or aggregate`,
  ],
  [
    'MEMORY_LIMIT_EXCEEDED',
    `the query needs more memory than SQL may use: ${MOST.memoryBytes} bytes, or what the engine has left`,
  ],
]);

const ABOUT_THE_TEXT = new Set([
  'READONLY',
  'SYNTAX_ERROR',
  'UNKNOWN_IDENTIFIER',
  'UNKNOWN_FUNCTION',
  'UNKNOWN_TABLE',
  'UNKNOWN_TYPE',
  'UNKNOWN_AGGREGATE_FUNCTION',
  'ILLEGAL_TYPE_OF_ARGUMENT',
  'NUMBER_OF_ARGUMENTS_DOESNT_MATCH',
  'TYPE_MISMATCH',
  'NO_COMMON_TYPE',
  'NOT_AN_AGGREGATE',
  'ILLEGAL_AGGREGATION',
  'BAD_ARGUMENTS',
  'CANNOT_PARSE_TEXT',
  'CANNOT_PARSE_DATETIME',
  'CANNOT_PARSE_NUMBER',
  'CANNOT_CONVERT_TYPE',
  'UNKNOWN_QUERY_PARAMETER',
  'AMBIGUOUS_COLUMN_NAME',
  'AMBIGUOUS_IDENTIFIER',
  'TOO_BIG_AST',
  'TOO_DEEP_AST',
  'ILLEGAL_COLUMN',
  'ILLEGAL_DIVISION',
  'NUMBER_OF_COLUMNS_DOESNT_MATCH',
  'MULTIPLE_EXPRESSIONS_FOR_ALIAS',
  'INVALID_JOIN_ON_EXPRESSION',
  'EMPTY_LIST_OF_COLUMNS_QUERIED',
  'UNKNOWN_DATABASE',
  'UNSUPPORTED_METHOD',
  'NOT_IMPLEMENTED',
  'ARGUMENT_OUT_OF_BOUND',
  'DUPLICATE_COLUMN',
  'CYCLIC_ALIASES',
  'INVALID_SETTING_VALUE',
  'SYNTAX_ERROR_EXCEPTION',
  // Of the values that its functions are given.
  'AGGREGATE_FUNCTION_DOESNT_ALLOW_PARAMETERS',
  'BAD_TYPE_OF_FIELD',
  'CANNOT_COMPILE_REGEXP',
  'CANNOT_PARSE_BOOL',
  'CANNOT_PARSE_DATE',
  'CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING',
  'CANNOT_PARSE_ESCAPE_SEQUENCE',
  'CANNOT_PARSE_INPUT_ASSERTION_FAILED',
  'CANNOT_PARSE_IPV4',
  'CANNOT_PARSE_IPV6',
  'CANNOT_PARSE_QUOTED_STRING',
  'CANNOT_PARSE_UUID',
  'DECIMAL_OVERFLOW',
  'EXPECTED_ALL_OR_DISTINCT',
  'HYPERSCAN_CANNOT_SCAN_TEXT',
  'INCORRECT_DATA',
  'INCORRECT_RESULT_OF_SCALAR_SUBQUERY',
  'INVALID_LIMIT_EXPRESSION',
  'INVALID_WITH_FILL_EXPRESSION',
  'NO_SUCH_COLUMN_IN_TABLE',
  'PARAMETER_OUT_OF_BOUND',
  'SIZES_OF_ARRAYS_DONT_MATCH',
  'TOO_DEEP_RECURSION',
  'TOO_DEEP_SUBQUERIES',
  'TOO_FEW_ARGUMENTS_FOR_FUNCTION',
  'TOO_LARGE_ARRAY_SIZE',
  'TOO_LARGE_STRING_SIZE',
  'TOO_MANY_ARGUMENTS_FOR_FUNCTION',
  'UNION_ALL_RESULT_STRUCTURES_MISMATCH',
  'UNKNOWN_ELEMENT_OF_ENUM',
  'VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE',
  'ZERO_ARRAY_OR_TUPLE_INDEX',
]);
