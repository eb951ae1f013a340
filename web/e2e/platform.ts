import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { LiveTopics } from './live-topics.ts';
import { WebSocketServer } from './sockets.ts';
import { answerApi, type ApiState } from './platform-api.ts';

/** The policy that the real server sends: nothing inline, nothing from elsewhere. */
export const POLICY =
  "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Stands in for OPHION's server in the browser tests: serves the built app, speaks the API and the live protocol of
 * `proto/`, and fails on demand.
 */
export interface Platform {
  readonly url: string;
  readonly api: ApiState;
  readonly live: LiveTopics;
  close(): Promise<void>;
}

async function serveFile(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = normalize(new URL(request.url ?? '/', 'http://test').pathname);
  const name = path.startsWith('/assets/') || path === '/icon.svg' ? path : '/index.html';
  const body = await readFile(join(folder, name)).catch(() => undefined);
  response.setHeader('content-security-policy', POLICY);
  response.setHeader('content-type', TYPES[extname(name)] ?? 'application/octet-stream');
  if (path.startsWith('/assets/')) response.setHeader('cache-control', 'public, max-age=31536000, immutable');
  response.statusCode = body === undefined ? 404 : 200;
  response.end(body);
}

export async function startPlatform(folder: string): Promise<Platform> {
  const api: ApiState = { failure: undefined, delayMs: 0, isEmpty: false, traceSpans: undefined, asked: [] };
  const live = new LiveTopics();
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://test');
    if (url.pathname.startsWith('/api/')) answerApi(api, url, response);
    else void serveFile(folder, request, response);
  });
  const sockets = new WebSocketServer({ server, path: '/live' });
  sockets.on('connection', (socket) => {
    live.connect(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    api,
    live,
    async close() {
      live.stop();
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
