import { Agent, request as httpRequest } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { Signal } from '../../proto/columns/index.ts';
import type { RequestEncoding } from '../../runtime/ingest/index.ts';
import type { DecodedStatus, OtlpCodec } from '../../runtime/receivers/otlp/fixtures/index.ts';
import type { Answer, Client, SendOptions, Verdict } from './client.ts';

const VERDICTS: Readonly<Record<number, Verdict>> = {
  200: 'success',
  400: 'bad-data',
  401: 'unauthenticated',
  403: 'forbidden',
  413: 'too-large',
  415: 'unsupported',
  500: 'bug',
  503: 'unavailable',
};

export interface HttpRequestParts {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export const CONTENT_TYPE = { protobuf: 'application/x-protobuf', json: 'application/json' } as const;

/** One connection of HTTP/1.1, kept alive. */
export class HttpClient implements Client {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });
  private readonly port: number;
  private readonly encoding: RequestEncoding;
  private readonly codec: OtlpCodec;

  constructor(port: number, encoding: RequestEncoding, codec: OtlpCodec) {
    this.port = port;
    this.encoding = encoding;
    this.codec = codec;
  }

  send(signal: Signal, bytes: Uint8Array, { compression, headers }: SendOptions = {}): Promise<Answer> {
    return this.request({
      method: 'POST',
      path: `/v1/${signal}`,
      headers: {
        'content-type': CONTENT_TYPE[this.encoding],
        ...(compression === undefined ? {} : { 'content-encoding': compression }),
        ...headers,
      },
      body: bytes,
    });
  }

  request({ method, path, headers, body }: HttpRequestParts): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.port, method, path, headers, agent: this.agent };
      const request = httpRequest(options, (response) => {
        const connection = response.socket.localPort ?? 0;
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const received = Object.fromEntries(
            Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
          );
          const whole = Buffer.concat(chunks);
          const content = received['content-encoding'] === 'gzip' ? gunzipSync(whole) : whole;
          resolve(this.answer(path, response.statusCode ?? 0, received, content, connection));
        });
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }

  private answer(
    path: string,
    code: number,
    headers: Record<string, string>,
    body: Buffer,
    connection: number,
  ): Answer {
    const { codec } = this;
    const isJson = headers['content-type'] === CONTENT_TYPE.json;
    const signal = path.replace('/v1/', '') as Signal;
    return {
      verdict: VERDICTS[code] ?? 'other',
      code,
      headers,
      body,
      connection,
      get response() {
        return isJson
          ? (JSON.parse(body.toString()) as Record<string, unknown>)
          : codec.decodeResponse(signal, body);
      },
      get status() {
        return isJson ? jsonStatus(body) : codec.decodeStatus(body);
      },
    };
  }
}

interface JsonStatus {
  readonly code: number;
  readonly message: string;
  readonly details?: readonly {
    readonly '@type': string;
    readonly retryDelay?: string;
    readonly fieldViolations?: readonly { readonly description: string }[];
  }[];
}

/** google.rpc.Status as protobuf's JSON mapping writes it. */
function jsonStatus(body: Buffer): DecodedStatus {
  const { code, message, details = [] } = JSON.parse(body.toString()) as JsonStatus;
  const of = (type: string) => details.find((detail) => detail['@type'].endsWith(`google.rpc.${type}`));
  const delay = of('RetryInfo')?.retryDelay;
  const violations = of('BadRequest')?.fieldViolations?.map(({ description }) => description);
  return {
    code,
    message,
    ...(delay === undefined ? {} : { retryDelayMs: Math.round(Number(delay.replace(/s$/, '')) * 1e6) / 1e3 }),
    ...(violations === undefined ? {} : { violations }),
  };
}
