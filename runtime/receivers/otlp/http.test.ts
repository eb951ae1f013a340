import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SIGNALS, type Signal } from '../../../proto/columns/index.ts';
import { chooseHttpEngine, listenNodeHttp, type HttpServer } from '../../http/index.ts';
import type { RequestEncoding } from '../../ingest/index.ts';
import { listenOtlpHttp } from './http.ts';
import { createOtlpReceiver } from './receiver.ts';
import {
  createMemoryIngest,
  loadOtlpCodec,
  requestJson,
  type DecodedStatus,
  type MemoryIngest,
  type OtlpCodec,
} from './fixtures/index.ts';

const chosen = chooseHttpEngine();
const engines = [
  ['node:http', listenNodeHttp],
  ...(chosen.engine === 'node:http' ? [] : [[chosen.engine, chosen.listen] as const]),
] as const;

const ENCODINGS: readonly RequestEncoding[] = ['protobuf', 'json'];
const CONTENT_TYPE = { protobuf: 'application/x-protobuf', json: 'application/json' } as const;
const CODINGS = { identity: (bytes: Buffer) => bytes, gzip: gzipSync, deflate: deflateSync } as const;
const COMBINATIONS = ENCODINGS.flatMap((encoding) =>
  SIGNALS.flatMap((signal) =>
    (Object.keys(CODINGS) as (keyof typeof CODINGS)[]).map((coding) => ({ encoding, signal, coding })),
  ),
);
const MAX_REQUEST_BYTES = 100_000;
const PAGE = 'https://shop.example';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The client's port: the same for two answers that came over one connection. */
  readonly connection: number;
}

describe.each(engines)('OTLP over HTTP on %s', (_name, listen) => {
  let codec: OtlpCodec;
  let ingest: MemoryIngest;
  let server: HttpServer;
  let agent: Agent;
  const errors: unknown[] = [];

  beforeAll(async () => {
    codec = await loadOtlpCodec();
  });
  const start = (origins = [PAGE]): Promise<HttpServer> =>
    listenOtlpHttp(listen, {
      host: '127.0.0.1',
      port: 0,
      cors: { origins, headers: ['x-team'] },
      receiver: createOtlpReceiver({
        ingest,
        maxRequestBytes: MAX_REQUEST_BYTES,
        maxInFlightBytes: 2_000_000,
        onError: (error) => errors.push(error),
      }),
    });
  beforeEach(async () => {
    ingest = createMemoryIngest();
    server = await start();
    agent = new Agent({ keepAlive: true, maxSockets: 1 });
  });
  afterEach(async () => {
    agent.destroy();
    await server.close();
    errors.length = 0;
  });

  const send = (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body: Buffer = Buffer.alloc(0),
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: server.port, method, path, headers, agent };
      const request = httpRequest(options, (response) => {
        const connection = response.socket.localPort ?? 0;
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
            connection,
          });
        });
      });
      request.on('error', reject);
      request.end(body);
    });

  const post = (
    signal: Signal,
    encoding: RequestEncoding,
    body: Buffer,
    headers: Record<string, string> = {},
  ): Promise<Answer> =>
    send('POST', `/v1/${signal}`, { 'content-type': CONTENT_TYPE[encoding], ...headers }, body);

  const bodyOf = (signal: Signal, encoding: RequestEncoding, valid: number, invalid = 0): Buffer => {
    const json = requestJson(signal, valid, invalid);
    return encoding === 'json' ? Buffer.from(JSON.stringify(json)) : codec.encodeRequest(signal, json);
  };

  const responseOf = (signal: Signal, encoding: RequestEncoding, { body }: Answer): unknown =>
    encoding === 'json' ? JSON.parse(body.toString()) : codec.decodeResponse(signal, body);

  const statusOf = (encoding: RequestEncoding, { body }: Answer): DecodedStatus =>
    encoding === 'json' ? (JSON.parse(body.toString()) as DecodedStatus) : codec.decodeStatus(body);

  /** The next request over the same connection is answered as if nothing had been. */
  const expectAlive = async (before: Answer): Promise<void> => {
    const next = await post('traces', 'protobuf', bodyOf('traces', 'protobuf', 1));
    expect(next.status).toBe(200);
    expect(next.connection).toBe(before.connection);
  };

  describe.each(COMBINATIONS)('$signal as $encoding, $coding', ({ encoding, signal, coding }) => {
    const headers = coding === 'identity' ? {} : { 'content-encoding': coding };
    const encoded = (valid: number, invalid = 0): Buffer =>
      CODINGS[coding](bodyOf(signal, encoding, valid, invalid));

    it('R1 R5 R15: full success leaves partial_success unset', async () => {
      const answer = await post(signal, encoding, encoded(3), headers);
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toBe(CONTENT_TYPE[encoding]);
      expect(answer.body.toString()).toBe(encoding === 'json' ? '{}' : '');
      expect(ingest.delivered()).toBe(3);
    });

    it('R6 D6: partial success counts what was rejected and says why', async () => {
      const answer = await post(signal, encoding, encoded(3, 2), headers);
      expect(answer.status).toBe(200);
      const field = { traces: 'rejectedSpans', logs: 'rejectedLogRecords', metrics: 'rejectedDataPoints' };
      const item = { traces: 'spans', logs: 'log records', metrics: 'data points' };
      const why =
        signal === 'metrics'
          ? 'bucket-counts-mismatch (a histogram has one more count than bounds, or neither)'
          : 'trace-id-invalid (a trace id has 16 bytes, not all zero)';
      expect(responseOf(signal, encoding, answer)).toEqual({
        partialSuccess: {
          [field[signal]]: '2',
          errorMessage: `2 of 5 ${item[signal]} rejected: 2 ${why}`,
        },
      });
      expect(ingest.delivered()).toBe(3);
      expect(ingest.counters[signal].accepted).toBe(3);
    });
  });

  describe.each(ENCODINGS)('%s', (encoding) => {
    const good = (): Buffer => bodyOf('traces', encoding, 1);

    it.each(SIGNALS)('R4: an empty request of %s is a success', async (signal) => {
      const empty = encoding === 'json' ? Buffer.from('{}') : Buffer.alloc(0);
      const answer = await post(signal, encoding, empty);
      expect(answer.status).toBe(200);
      expect(responseOf(signal, encoding, answer)).toEqual({});
      expect(ingest.delivered()).toBe(0);
    });

    it.each(SIGNALS)('R11 R14 R15: undecodable %s are 400 and the connection lives on', async (signal) => {
      const cut = bodyOf(signal, encoding, 2).subarray(0, -3);
      const answer = await post(signal, encoding, cut);
      expect(answer.status).toBe(400);
      expect(answer.headers['content-type']).toBe(CONTENT_TYPE[encoding]);
      const status = statusOf(encoding, answer);
      expect(status.code).toBe(3);
      expect(status.message).toMatch(/^The Export\w+ServiceRequest cannot be read\. /);
      expect(ingest.counters[signal].undecodable).toBe(1);
      await expectAlive(answer);
    });

    it('R14: the details of a 400 are a BadRequest', async () => {
      const answer = await post('traces', encoding, good().subarray(0, -3));
      if (encoding === 'json') {
        expect(JSON.parse(answer.body.toString())).toMatchObject({
          details: [
            {
              '@type': 'type.googleapis.com/google.rpc.BadRequest',
              fieldViolations: [{ description: statusOf('json', answer).message }],
            },
          ],
        });
      } else {
        const { message, violations } = statusOf('protobuf', answer);
        expect(violations).toEqual([message]);
      }
    });

    it('R14: a body that is not what its content encoding says is 400', async () => {
      const answer = await post('traces', encoding, good(), { 'content-encoding': 'gzip' });
      expect(answer.status).toBe(400);
      expect(statusOf(encoding, answer).message).toMatch(/^the body is not gzip: /);
      const cut = gzipSync(good()).subarray(0, -4);
      const half = await post('traces', encoding, cut, { 'content-encoding': 'gzip' });
      expect(half.status).toBe(400);
      await expectAlive(half);
    });

    it('R11: a wrong path is 404 and names the right ones', async () => {
      const answer = await send('POST', '/v1/trace', { 'content-type': CONTENT_TYPE[encoding] }, good());
      expect(answer.status).toBe(404);
      expect(answer.headers['content-type']).toBe(CONTENT_TYPE[encoding]);
      expect(statusOf(encoding, answer)).toMatchObject({
        code: 5,
        message: 'no such path: OTLP is received at /v1/traces, /v1/metrics, /v1/logs',
      });
      await expectAlive(answer);
    });

    it.each(['GET', 'PUT', 'DELETE', 'PATCH'])('D4: %s is 405 and says what is allowed', async (method) => {
      const answer = await send(method, '/v1/traces', { 'content-type': CONTENT_TYPE[encoding] });
      expect(answer.status).toBe(405);
      expect(answer.headers.allow).toBe('POST, OPTIONS');
      expect(statusOf(encoding, answer).message).toBe('OTLP is sent with POST');
      await expectAlive(answer);
    });

    it.each(['br', 'compress', 'constructor', '__proto__'])(
      'D4: content encoding %s is 415 and names what is read',
      async (coding) => {
        const answer = await post('traces', encoding, good(), { 'content-encoding': coding });
        expect(answer.status).toBe(415);
        expect(statusOf(encoding, answer).message).toBe(
          `the content encoding is ${coding}: expected gzip, deflate, zstd, snappy, lz4 or identity`,
        );
        expect(ingest.delivered()).toBe(0);
        await expectAlive(answer);
      },
    );

    it('R2: too large as sent is 413 and names the setting', async () => {
      const answer = await post('traces', encoding, Buffer.alloc(MAX_REQUEST_BYTES + 1, 0x20));
      expect(answer.status).toBe(413);
      expect(answer.headers['content-type']).toBe(CONTENT_TYPE[encoding]);
      const { code, message } = statusOf(encoding, answer);
      expect(code).toBe(8);
      expect(message).toContain(`larger than ${MAX_REQUEST_BYTES} bytes`);
      expect(message).toContain('OPHION_OTLP_MAX_REQUEST_BYTES');
      expect(ingest.counters.traces.requests).toBe(0);
      await expectAlive(answer);
    });

    it('R2: too large in chunks, without a length, is 413', async () => {
      const answer = await post('traces', encoding, Buffer.alloc(MAX_REQUEST_BYTES + 1, 0x20), {
        'transfer-encoding': 'chunked',
      });
      expect(answer.status).toBe(413);
      await expectAlive(answer);
    });

    it.each(['gzip', 'deflate'] as const)('R2: too large after %s is 413, kept nowhere', async (coding) => {
      const bomb = CODINGS[coding](Buffer.alloc(80_000_000));
      expect(bomb.length).toBeLessThan(MAX_REQUEST_BYTES);
      const before = process.memoryUsage().arrayBuffers;
      let most = 0;
      const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers)), 1);
      const answer = await post('traces', encoding, bomb, { 'content-encoding': coding });
      clearInterval(watch);
      expect(answer.status).toBe(413);
      expect(statusOf(encoding, answer).code).toBe(8);
      expect(most - before).toBeLessThan(8_000_000);
      expect(ingest.counters.traces.requests).toBe(0);
      await expectAlive(answer);
    });

    it('R2: exactly the limit is not too large', async () => {
      const padded =
        encoding === 'json'
          ? Buffer.concat([good(), Buffer.alloc(MAX_REQUEST_BYTES - good().length, 0x20)])
          : paddedProtobuf(good(), MAX_REQUEST_BYTES);
      expect(padded.length).toBe(MAX_REQUEST_BYTES);
      expect((await post('traces', encoding, padded)).status).toBe(200);
      const zipped = await post('traces', encoding, gzipSync(padded), { 'content-encoding': 'gzip' });
      expect(zipped.status).toBe(200);
      expect(ingest.delivered()).toBe(2);
    });

    it('R12 R13: a refusal is 503 with Retry-After, and the same request is taken later', async () => {
      ingest.setGate('journal-full');
      const answer = await post('traces', encoding, good());
      expect(answer.status).toBe(503);
      expect(answer.headers['retry-after']).toBe('5');
      expect(answer.headers['content-type']).toBe(CONTENT_TYPE[encoding]);
      expect(statusOf(encoding, answer)).toMatchObject({
        code: 14,
        message: 'the journal has reached OPHION_JOURNAL_MAX_BYTES',
      });
      expect(ingest.delivered()).toBe(0);
      ingest.setGate(undefined);
      await expectAlive(answer);
    });

    it('R11: a bug is 500 with a Status that tells nothing of it, and is reported', async () => {
      ingest.break();
      const answer = await post('traces', encoding, good(), { origin: PAGE });
      expect(answer.status).toBe(500);
      expect(answer.headers['content-type']).toBe(CONTENT_TYPE[encoding]);
      expect(answer.headers['access-control-allow-origin']).toBe(PAGE);
      const { code, message } = statusOf(encoding, answer);
      expect(code).toBe(13);
      expect(message).not.toContain('secret');
      expect(String(errors[0])).toContain('secret');
    });
  });

  it.each([
    ['text/plain', 'text/plain'],
    ['application/x-www-form-urlencoded', 'application/x-www-form-urlencoded'],
    [undefined, 'not given'],
  ])('D4: content type %s is 415 and names what is read', async (type, named) => {
    const answer = await send(
      'POST',
      '/v1/traces',
      type === undefined ? {} : { 'content-type': type },
      Buffer.from('x'),
    );
    expect(answer.status).toBe(415);
    expect(statusOf('json', answer).message).toBe(
      `the content type is ${named}: expected application/x-protobuf or application/json`,
    );
    await expectAlive(answer);
  });

  it('R18: the content type may have parameters and any case', async () => {
    const body = bodyOf('logs', 'json', 1);
    for (const type of ['application/json; charset=utf-8', 'Application/JSON']) {
      expect((await send('POST', '/v1/logs', { 'content-type': type }, body)).status).toBe(200);
    }
  });

  it.each(['constructor', 'toString', '/v1/constructor', '/__proto__'])(
    'a path named %s, as objects have members, is not received',
    async (path) => {
      const raw = connect(server.port, '127.0.0.1');
      const received = new Promise<string>((resolve) => {
        raw.once('data', (chunk: Buffer) => {
          resolve(chunk.toString());
        });
        raw.once('close', () => {
          resolve('HTTP/1.1 400');
        });
      });
      raw.write(
        `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`,
      );
      expect(await received).toMatch(/^HTTP\/1\.1 (?:400|404|505)/);
      raw.destroy();
      expect(errors).toEqual([]);
    },
  );

  it('a client that leaves in mid-body leaves nothing behind', async () => {
    const raw = connect(server.port, '127.0.0.1');
    raw.write(
      'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 90000\r\n\r\n{"resource',
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    raw.destroy();
    const next = await post('traces', 'json', bodyOf('traces', 'json', 1));
    expect(next.status).toBe(200);
    expect(ingest.counters.traces.requests).toBe(1);
    expect(errors).toEqual([]);
  });

  describe('D1 CORS', () => {
    const preflight = (origin: string, path = '/v1/traces'): Promise<Answer> =>
      send('OPTIONS', path, {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      });

    it('a preflight of a configured origin is told what it may send', async () => {
      const answer = await preflight(PAGE);
      expect(answer.status).toBe(204);
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': PAGE,
        'access-control-allow-methods': 'POST, OPTIONS',
        'access-control-max-age': '7200',
      });
      expect(answer.headers['access-control-allow-headers']).toContain('content-type');
      expect(answer.headers.vary).toContain('Origin');
    });

    it('other origins get no permission, neither before nor with the answer', async () => {
      const answers = [
        await preflight('https://evil.example'),
        await preflight(`${PAGE}.evil.example`),
        await preflight('null'),
        await post('traces', 'json', bodyOf('traces', 'json', 1), { origin: 'https://evil.example' }),
      ];
      for (const { headers } of answers) {
        expect(headers['access-control-allow-origin']).toBeUndefined();
        // A cache must not give this answer to a page that may see it, nor the other way round.
        expect(headers.vary).toContain('Origin');
      }
    });

    it('answers carry the permission, refusals too', async () => {
      const headers = { origin: PAGE };
      const answers = [
        await post('traces', 'json', bodyOf('traces', 'json', 1), headers),
        await post('traces', 'json', Buffer.from('{'), headers),
        await post('traces', 'json', Buffer.alloc(MAX_REQUEST_BYTES + 1), headers),
        await send('GET', '/v1/traces', headers),
        await send('POST', '/v1/nothing', headers),
      ];
      expect(answers.map(({ status }) => status)).toEqual([200, 400, 413, 405, 404]);
      for (const answer of answers) expect(answer.headers['access-control-allow-origin']).toBe(PAGE);
    });

    it('`*` permits any origin, none configured permits none', async () => {
      await server.close();
      agent.destroy();
      server = await start(['*']);
      expect((await preflight('https://any.example')).headers['access-control-allow-origin']).toBe(
        'https://any.example',
      );
      await server.close();
      agent.destroy();
      server = await start([]);
      expect((await preflight(PAGE)).headers['access-control-allow-origin']).toBeUndefined();
    });
  });
});

/** With an unknown field 1000 of zeros behind it: R27, such fields are ignored. */
function paddedProtobuf(body: Buffer, length: number): Buffer {
  // Tag of two bytes, length of three.
  const size = length - body.length - 5;
  const head = Buffer.from([0xc2, 0x3e, (size & 0x7f) | 0x80, ((size >> 7) & 0x7f) | 0x80, size >> 14]);
  return Buffer.concat([body, head, Buffer.alloc(size)]);
}
