import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import type { Signal } from '../../proto/columns/index.ts';
import { EXPORT_MESSAGES } from '../../proto/otlp/index.ts';
import type { OtlpCodec } from '../../runtime/receivers/otlp/fixtures/index.ts';
import type { Answer, Client, SendOptions, Verdict } from './client.ts';

const VERDICTS: Readonly<Record<number, Verdict>> = {
  0: 'success',
  3: 'bad-data',
  7: 'forbidden',
  8: 'too-large',
  12: 'unsupported',
  13: 'bug',
  14: 'unavailable',
  16: 'unauthenticated',
};

/** gRPC spoken by hand over HTTP/2, so that what no library would send can be sent. */
export class GrpcClient implements Client {
  readonly session: ClientHttp2Session;
  private readonly codec: OtlpCodec;

  constructor(port: number, codec: OtlpCodec) {
    this.session = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 8 * 2 ** 20 } });
    // A call that is cut short says so itself.
    this.session.on('error', () => undefined);
    this.codec = codec;
  }

  async send(signal: Signal, bytes: Uint8Array, options: SendOptions = {}): Promise<Answer> {
    return this.call(`/${EXPORT_MESSAGES[signal].service}/Export`, bytes, options, signal);
  }

  /** A unary call; `bytes` is its message. */
  call(
    path: string,
    bytes: Uint8Array,
    { compression, headers }: SendOptions = {},
    signal: Signal = 'traces',
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const stream = this.session.request({
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc+proto',
        te: 'trailers',
        ...(compression === undefined ? {} : { 'grpc-encoding': compression }),
        ...headers,
      });
      let received: IncomingHttpHeaders = {};
      const chunks: Buffer[] = [];
      stream.on('response', (head: IncomingHttpHeaders) => {
        received = { ...received, ...head };
      });
      stream.on('trailers', (trailers: IncomingHttpHeaders) => {
        received = { ...received, ...trailers };
      });
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', reject);
      stream.on('close', () => {
        if (received['grpc-status'] === undefined) reject(new Error('the call ended without a status'));
        else resolve(this.answer(signal, received, Buffer.concat(chunks)));
      });
      const head = Buffer.alloc(5);
      head.writeUInt8(compression === undefined || compression === 'identity' ? 0 : 1, 0);
      head.writeUInt32BE(bytes.length, 1);
      stream.write(head);
      stream.end(bytes);
    });
  }

  close(): void {
    this.session.destroy();
  }

  private answer(signal: Signal, received: IncomingHttpHeaders, data: Buffer): Answer {
    const { codec } = this;
    const headers = Object.fromEntries(
      Object.entries(received).map(([name, value]) => [name, String(value)]),
    );
    const code = Number(headers['grpc-status'] ?? Number.NaN);
    const body = data.subarray(5);
    return {
      verdict: VERDICTS[code] ?? 'other',
      code,
      headers,
      body,
      connection: this.session.socket.localPort ?? 0,
      get response() {
        return codec.decodeResponse(signal, body);
      },
      get status() {
        return codec.decodeStatus(Buffer.from(headers['grpc-status-details-bin'] ?? '', 'base64'));
      },
    };
  }
}
