import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import {
  BadRequest,
  isNativeInsert,
  nativeInsertStatement,
  textStatement,
  type Statement,
} from './statement.ts';

export interface QueryResult {
  readonly bytes: Uint8Array;
  readonly rowsRead: number;
  readonly bytesRead: number;
  readonly elapsedSeconds: number;
}

export interface HttpInterfaceOptions {
  readonly run: (statement: Statement, cancelled?: AbortSignal) => Promise<QueryResult>;
  readonly defaults: Readonly<Record<string, string>>;
  readonly spoolDir: string;
  readonly credentials?: { readonly username: string; readonly password: string };
}

/** As ClickHouse bounds the length of a URL. */
const MAX_URL_BYTES = 1024 * 1024;
const MAX_QUERY_BYTES = 16 * 1024 * 1024;

/** Exceptions of ClickHouse that are not answered with 500. */
const STATUS_BY_CODE: ReadonlyMap<number, number> = new Map([
  [27, 400],
  [36, 400],
  [43, 400],
  [46, 404],
  [47, 404],
  [53, 400],
  [60, 404],
  [62, 400],
  [81, 404],
  [115, 404],
  [159, 408],
  [202, 503],
  [456, 400],
  [516, 403],
]);

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function isAllowed(request: IncomingMessage, options: HttpInterfaceOptions): boolean {
  if (!options.credentials) return true;
  const { username, password } = options.credentials;
  const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return timingSafeEqual(hash(request.headers.authorization ?? ''), hash(expected));
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    sizeBytes += (chunk as Buffer).length;
    if (sizeBytes > MAX_QUERY_BYTES) {
      throw new BadRequest(
        `Code: 62. DB::Exception: The query is longer than ${MAX_QUERY_BYTES} bytes. (SYNTAX_ERROR)`,
      );
    }
  }
  return Buffer.concat(chunks).toString('utf8');
}

function sendException(response: ServerResponse, message: string): void {
  const code = Number(/^Code: (\d+)/.exec(message)?.[1] ?? 1002);
  const text = message.startsWith('Code:')
    ? message
    : `Code: 1002. DB::Exception: ${message} (UNKNOWN_EXCEPTION)`;
  response
    .writeHead(STATUS_BY_CODE.get(code) ?? 500, {
      'content-type': 'text/plain; charset=UTF-8',
      'x-clickhouse-exception-code': String(code),
    })
    .end(`${text}\n`);
}

/** chDB tells what a query read, not what an insert wrote. */
function summary({ rowsRead, bytesRead, bytes, elapsedSeconds }: QueryResult): string {
  return JSON.stringify({
    read_rows: String(rowsRead),
    read_bytes: String(bytesRead),
    result_bytes: String(bytes.length),
    elapsed_ns: String(Math.round(elapsedSeconds * 1e9)),
  });
}

async function runNativeInsert(
  request: IncomingMessage,
  url: URLSearchParams,
  options: HttpInterfaceOptions,
): Promise<QueryResult> {
  const path = join(options.spoolDir, `${randomUUID()}.native`);
  try {
    // A body that ends early fails here: nothing of it is inserted.
    await pipeline(request, createWriteStream(path, { mode: 0o600, highWaterMark: 1024 * 1024 }));
    return await options.run(nativeInsertStatement(url, path, options.defaults));
  } finally {
    await rm(path, { force: true });
  }
}

async function runQuery(
  request: IncomingMessage,
  url: URLSearchParams,
  options: HttpInterfaceOptions,
  gone: AbortSignal,
): Promise<QueryResult> {
  if (isNativeInsert(url.get('query') ?? '')) return runNativeInsert(request, url, options);
  const statement = textStatement(url, await readText(request), options.defaults);
  const isCancelled = url.get('cancel_http_readonly_queries_on_client_close') === '1';
  return isCancelled ? options.run(statement, gone) : options.run(statement);
}

/** Aborted when the client goes away before it has its answer. */
function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpInterfaceOptions,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://engine');
  if (url.pathname === '/ping') {
    response.end('Ok.\n');
    return;
  }
  if (url.pathname !== '/') {
    response.writeHead(404).end(`There is no handle ${url.pathname}\n`);
    return;
  }
  const queryId = url.searchParams.get('query_id') ?? randomUUID();
  response.setHeader('x-clickhouse-query-id', queryId);
  response.setHeader('x-clickhouse-server-display-name', 'ophion-embedded');
  if (!isAllowed(request, options)) {
    request.resume();
    sendException(response, 'Code: 516. DB::Exception: Authentication failed. (AUTHENTICATION_FAILED)');
    return;
  }
  const result = await runQuery(request, url.searchParams, options, goneSignal(response));
  response
    .writeHead(200, {
      'content-type': 'text/plain; charset=UTF-8',
      'content-length': result.bytes.length,
      'x-clickhouse-format': url.searchParams.get('default_format') ?? 'TabSeparated',
      'x-clickhouse-summary': summary(result),
    })
    .end(result.bytes);
}

/** The part of ClickHouse's HTTP interface that `@clickhouse/client` uses. Not yet listening. */
export function createHttpInterface(options: HttpInterfaceOptions): Server {
  const server = createServer({ maxHeaderSize: MAX_URL_BYTES }, (request, response) => {
    answer(request, response, options).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return;
      if (response.headersSent) response.destroy();
      else sendException(response, error instanceof Error ? error.message : String(error));
    });
  });
  // The client closes idle connections; a server that does so too makes requests fail by chance.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  return server;
}
