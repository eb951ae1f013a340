/** What a request of ClickHouse's HTTP interface asks for, as statements that a chDB session runs. */
export interface Statement {
  readonly sql: string;
  readonly format: string;
}

/** Parameters of the HTTP interface that are no settings of the engine. */
const HTTP_ONLY = new Set([
  'add_http_cors_header',
  'buffer_size',
  'cancel_http_readonly_queries_on_client_close',
  'database',
  'default_format',
  'enable_http_compression',
  'http_headers_progress_interval_ms',
  'http_response_buffer_size',
  'http_wait_end_of_query',
  'http_write_exception_in_output_format',
  'password',
  'query',
  'query_id',
  'quota_key',
  'role',
  'send_progress_in_http_headers',
  'session_check',
  'session_id',
  'session_timeout',
  'stacktrace',
  'user',
  'wait_end_of_query',
]);

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function quoteString(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

/** A request that cannot be understood; `message` as ClickHouse words it. */
export class BadRequest extends Error {}

/** Statements that come before the query: database, settings and bound parameters hold for its session only. */
function preamble(url: URLSearchParams, defaults: Readonly<Record<string, string>>): string {
  const settings = new Map(Object.entries(defaults));
  for (const [name, value] of url) {
    if (HTTP_ONLY.has(name)) continue;
    if (!NAME.test(name)) {
      throw new BadRequest(`Code: 115. DB::Exception: Unknown setting '${name}'. (UNKNOWN_SETTING)`);
    }
    settings.set(name, value);
  }
  const assignments = Array.from(settings, ([name, value]) => `${name} = ${quoteString(value)}`);
  const database = url.get('database');
  return [
    ...(database === null ? [] : [`USE ${quoteIdentifier(database)}`]),
    ...(assignments.length === 0 ? [] : [`SET ${assignments.join(', ')}`]),
  ]
    .map((statement) => `${statement}; `)
    .join('');
}

/** `INSERT INTO … FORMAT Native`, whose rows stand in the body. */
const NATIVE_INSERT = /^\s*INSERT\s+INTO\s+([^']*?)\s+FORMAT\s+Native\s*$/i;

export function isNativeInsert(query: string): boolean {
  return NATIVE_INSERT.test(query);
}

/** `body` is text behind the query, as the HTTP interface joins them. */
export function textStatement(
  url: URLSearchParams,
  body: string,
  defaults: Readonly<Record<string, string>>,
): Statement {
  const query = url.get('query');
  const sql = query === null ? body : body === '' ? query : `${query}\n${body}`;
  if (sql.trim() === '') throw new BadRequest('Code: 62. DB::Exception: Empty query. (SYNTAX_ERROR)');
  return { sql: preamble(url, defaults) + sql, format: url.get('default_format') ?? 'TabSeparated' };
}

/**
 * chDB cuts binary rows that stand inline behind an INSERT, so they come from a file. One thread and no bound of a
 * block make one block of it, as an insert must be to be recognised when it is given again.
 */
export function nativeInsertStatement(
  url: URLSearchParams,
  bodyPath: string,
  defaults: Readonly<Record<string, string>>,
): Statement {
  const target = NATIVE_INSERT.exec(url.get('query') ?? '')?.[1] ?? '';
  const forInsert = { ...defaults, max_threads: '1', max_insert_threads: '1' };
  const select = `SELECT * FROM file(${quoteString(bodyPath)}, 'Native')`;
  return { sql: `${preamble(url, forInsert)}INSERT INTO ${target} ${select}`, format: 'Null' };
}
