import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseHttpEngine, listenNodeHttp, type HttpServer } from '../http/index.ts';
import { readStaticFiles } from './static-files.ts';

const chosen = chooseHttpEngine();
const engines = [
  ['node:http', listenNodeHttp],
  ...(chosen.engine === 'node:http' ? [] : [[chosen.engine, chosen.listen] as const]),
] as const;
const PAGE = '<!doctype html><title>OPHION</title>';
const SCRIPT = 'console.log("hello");'.repeat(100);

describe.each(engines)('static files on %s', (_name, listen) => {
  let folder: string;
  let server: HttpServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ophion-static-'));
    await mkdir(join(folder, 'web', 'assets'), { recursive: true });
    await writeFile(join(folder, 'secret.txt'), 'secret');
    await writeFile(join(folder, 'web', 'index.html'), PAGE);
    await writeFile(join(folder, 'web', 'favicon.svg'), '<svg/>');
    await writeFile(join(folder, 'web', 'assets', 'app-1a2b.js'), SCRIPT);
    const answer = await readStaticFiles(join(folder, 'web'));
    server = await listen({
      host: '127.0.0.1',
      port: 0,
      maxBodyBytes: 1_000,
      tooLarge: () => ({ status: 413 }),
      handle: answer,
      onError: () => undefined,
    });
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const get = (
    path: string,
    headers: Record<string, string> = {},
    method = 'GET',
  ): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: server.port, method, path, headers };
      const request = httpRequest(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          });
        });
      });
      request.on('error', reject);
      request.end();
    });

  it('serves files with their type, hashed names for ever, others to be asked for again', async () => {
    const script = await get('/assets/app-1a2b.js');
    expect(script).toMatchObject({ status: 200 });
    expect(script.body.toString()).toBe(SCRIPT);
    expect(script.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    const icon = await get('/favicon.svg');
    expect(icon.headers).toMatchObject({
      'content-type': 'image/svg+xml; charset=utf-8',
      'cache-control': 'no-cache',
    });
  });

  it.each(['/', '/services/prod~~cart', '/services/~~checkout.v2', '/traces/abc?x=1'])(
    '%s is a page, routed in the browser',
    async (path) => {
      const answer = await get(path);
      expect(answer.status).toBe(200);
      expect(answer.body.toString()).toBe(PAGE);
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    },
  );

  it('an asset that is not there is 404, not a page', async () => {
    const answer = await get('/assets/app-gone.js');
    expect(answer.status).toBe(404);
    expect(answer.body.toString()).not.toContain('<title>');
  });

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '//etc/passwd',
    '/assets/%00',
    '/__proto__',
    '/constructor',
  ])('%s reaches nothing outside the folder', async (path) => {
    const answer = await get(path);
    expect([200, 404]).toContain(answer.status);
    expect(['not found', PAGE]).toContain(answer.body.toString());
  });

  it('answers 304 to who has the file already', async () => {
    const { headers } = await get('/');
    const etag = headers.etag ?? '';
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await get('/', { 'if-none-match': known });
      expect(again.status).toBe(304);
      expect(again.body).toHaveLength(0);
      expect(again.headers.etag).toBe(etag);
    }
    expect((await get('/', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('compresses for who reads gzip', async () => {
    const answer = await get('/assets/app-1a2b.js', { 'accept-encoding': 'br, gzip;q=0.8' });
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(answer.headers.vary).toBe('Accept-Encoding');
    expect(answer.body.length).toBeLessThan(SCRIPT.length / 2);
    expect(gunzipSync(answer.body).toString()).toBe(SCRIPT);
    for (const accepted of ['br', 'gzip;q=0', 'identity']) {
      const plain = await get('/assets/app-1a2b.js', { 'accept-encoding': accepted });
      expect(plain.headers['content-encoding']).toBeUndefined();
      expect(plain.body.toString()).toBe(SCRIPT);
    }
  });

  it.each(['/', '/favicon.svg', '/assets/app-gone.js'])('%s carries the security headers', async (path) => {
    const { headers } = await get(path);
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe-|\*/);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
  });

  it('pages are only read', async () => {
    const answer = await get('/', {}, 'POST');
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD');
    expect((await get('/', {}, 'HEAD')).body).toHaveLength(0);
  });
});

describe('a web app that was not built', () => {
  it('is named with what to do', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ophion-static-'));
    const expected = (path: string): string =>
      `the dashboard is not built: ${path} has no index.html; start with \`npm start\`, which builds it`;
    await expect(readStaticFiles(folder)).rejects.toThrow(expected(folder));
    const missing = join(folder, 'web');
    await expect(readStaticFiles(missing)).rejects.toThrow(expected(missing));
    await rm(folder, { recursive: true });
  });
});
