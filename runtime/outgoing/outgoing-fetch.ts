import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { OutgoingClient, OutgoingLimits } from './outgoing-client.ts';
import { OutgoingError } from './outgoing-error.ts';

interface FetchInit {
  readonly method?: string | undefined;
  readonly headers?: ConstructorParameters<typeof Headers>[0];
  readonly body?: unknown;
  readonly redirect?: string | undefined;
  readonly signal?: AbortSignal | null | undefined;
}

const FORM = 'application/x-www-form-urlencoded;charset=UTF-8';
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** The client as `fetch`, for libraries that take one. */
export function outgoingFetch(
  client: OutgoingClient,
  limits: Partial<OutgoingLimits> = {},
): (url: string | URL, init?: FetchInit) => Promise<Response> {
  return async (url, init = {}) => {
    const { method, headers, body, redirect, signal } = init;
    const bytes = bytesOf(body);
    const sent = new Headers(headers);
    if (body instanceof URLSearchParams && !sent.has('content-type')) sent.set('content-type', FORM);
    const answer = await client.open({
      url: String(url),
      headers: Object.fromEntries(sent),
      limits: redirect === 'manual' ? { ...limits, maxRedirects: 0 } : limits,
      ...(method === undefined ? {} : { method }),
      ...(bytes === undefined ? {} : { body: bytes }),
      ...(signal ? { signal } : {}),
    });
    const stream = Readable.toWeb(Readable.from(answer.body)) as ReadableStream<Uint8Array>;
    if (!WITHOUT_BODY.has(answer.status)) {
      return new Response(stream as ConstructorParameters<typeof Response>[0], {
        status: answer.status,
        headers: answer.headers,
      });
    }
    await stream.cancel();
    return new Response(null, { status: answer.status, headers: answer.headers });
  };
}

function bytesOf(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new OutgoingError('OUTGOING_INVALID', 'a body is text, bytes or form parameters');
}
