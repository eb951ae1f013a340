import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { HttpRequest, HttpResponse } from '../http/index.ts';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
} as const;

const TEXT_HEADERS = { ...SECURITY_HEADERS, 'content-type': 'text/plain; charset=utf-8' } as const;

interface StaticFile {
  readonly body: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type AnswerStatic = (request: HttpRequest) => HttpResponse;

/**
 * Serves a folder from memory: it was built, so it is small and does not change. Paths that are no file get
 * `index.html`, since pages are routed in the browser, except under `/assets/`, where only files are. Nothing outside
 * the list read at the start can be reached. Rejects, and says what to do, when the folder was not built.
 */
export async function readStaticFiles(folder: string): Promise<AnswerStatic> {
  const files = new Map<string, StaticFile>();
  for (const entry of await entriesOf(folder)) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const url = `/${relative(folder, path).split(sep).join('/')}`;
    files.set(url, staticFile(url, await readFile(path)));
  }
  const index = files.get('/index.html');
  if (!index) throw notBuilt(folder);
  return (request) => {
    const file = files.get(request.path);
    if (!file && request.path.startsWith('/assets/')) {
      return { status: 404, headers: TEXT_HEADERS, body: 'not found' };
    }
    return answer(request, file ?? index);
  };
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw notBuilt(folder);
    throw error;
  }
}

function notBuilt(folder: string): Error {
  return new Error(
    `the dashboard is not built: ${folder} has no index.html; start with \`npm start\`, which builds it`,
  );
}

function staticFile(url: string, body: Buffer): StaticFile {
  return {
    body,
    // oxlint-disable-next-line node/no-sync -- once a file, before anything is served
    gzipped: gzipSync(body, { level: 9 }),
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    headers: {
      ...SECURITY_HEADERS,
      'content-type': CONTENT_TYPES[extname(url)] ?? 'application/octet-stream',
      // Names under assets/ carry a hash of the content.
      'cache-control': url.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: 'Accept-Encoding',
    },
  };
}

function answer(request: HttpRequest, file: StaticFile): HttpResponse {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return {
      status: 405,
      headers: { ...TEXT_HEADERS, allow: 'GET, HEAD' },
      body: 'pages are read with GET',
    };
  }
  const headers = { ...file.headers, etag: file.etag };
  if (isKnown(request.header('if-none-match') ?? '', file.etag)) return { status: 304, headers };
  return acceptsGzip(request.header('accept-encoding') ?? '')
    ? { status: 200, headers: { ...headers, 'content-encoding': 'gzip' }, body: file.gzipped }
    : { status: 200, headers, body: file.body };
}

/** `If-None-Match`: a list of tags, those that proxies have weakened among them, or `*`. */
function isKnown(ifNoneMatch: string, etag: string): boolean {
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}

function acceptsGzip(acceptEncoding: string): boolean {
  return acceptEncoding
    .split(',')
    .map((coding) => coding.replaceAll(/\s/g, ''))
    .some((coding) => /^gzip(?:;|$)/.test(coding) && !/;q=0(?:\.0*)?$/.test(coding));
}
