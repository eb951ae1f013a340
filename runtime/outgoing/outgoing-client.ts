import type { IncomingMessage } from 'node:http';
import type { AllowList } from './allow-list.ts';
import { Deadline } from './deadline.ts';
import { OutgoingError } from './outgoing-error.ts';
import { isRedirect, redirected } from './redirect.ts';
import { resolveBySystem, resolveHost, type Resolve } from './resolve-host.ts';
import { sendOnce } from './send-once.ts';

export interface OutgoingLimits {
  /** To look the name up, connect, and agree on TLS; at each redirect anew. */
  readonly connectMs: number;
  /** From the call to the last byte of the answer. */
  readonly totalMs: number;
  readonly maxAnswerBytes: number;
  /** 0: a redirect is an answer like others. */
  readonly maxRedirects: number;
}

export interface OutgoingRequest {
  readonly method?: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
  readonly limits?: Partial<OutgoingLimits>;
}

export interface OutgoingAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** To be read once, within the limits; stopping early closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface OutgoingClientOptions {
  /** Asked for each request, so that a changed setting counts at once. */
  readonly allowed: () => AllowList;
  readonly resolve?: Resolve;
  /** PEM of authorities to trust instead of Node's own. */
  readonly ca?: string;
}

export const OUTGOING_LIMITS: OutgoingLimits = {
  connectMs: 5_000,
  totalMs: 30_000,
  maxAnswerBytes: 4 * 2 ** 20,
  maxRedirects: 3,
};

/** How a message is framed, and to whom it goes, is not the caller's to say. */
const OURS: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The one door by which anything of ours goes out (webhooks, sign-in providers, models). A host is looked up once, its
 * addresses are checked, and the connection is made to what was checked. Rejects with `OutgoingError`.
 */
export class OutgoingClient {
  private readonly options: OutgoingClientOptions;

  constructor(options: OutgoingClientOptions) {
    this.options = options;
  }

  /** Resolves when the head of the answer is there, whatever its status. */
  async open(request: OutgoingRequest): Promise<OutgoingAnswer> {
    const limits = { ...OUTGOING_LIMITS, ...request.limits };
    const deadline = new Deadline(limits.totalMs, request.signal);
    try {
      const message = await this.follow(request, limits, deadline);
      return {
        status: message.statusCode ?? 0,
        headers: headersOf(message),
        body: limitedBody(message, limits.maxAnswerBytes, deadline),
      };
    } catch (error) {
      deadline.end();
      throw error;
    }
  }

  /** As `open`, with the whole body. */
  async send(request: OutgoingRequest): Promise<Omit<OutgoingAnswer, 'body'> & { readonly body: Buffer }> {
    const answer = await this.open(request);
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer.body) chunks.push(chunk);
    return { ...answer, body: Buffer.concat(chunks) };
  }

  private async follow(
    request: OutgoingRequest,
    limits: OutgoingLimits,
    deadline: Deadline,
  ): Promise<IncomingMessage> {
    const { body } = request;
    let asked: Parameters<typeof redirected>[0] = {
      method: request.method ?? 'GET',
      url: urlOf(request.url),
      headers: sendable(request.headers ?? {}),
      body: typeof body === 'string' ? Buffer.from(body) : body,
    };
    for (let redirects = 0; ; redirects += 1) {
      const message = await this.ask(asked, limits, deadline);
      const status = message.statusCode ?? 0;
      if (limits.maxRedirects === 0 || !isRedirect(status)) {
        checkHead(asked.url, message, limits.maxAnswerBytes);
        return message;
      }
      message.destroy();
      if (redirects === limits.maxRedirects) {
        throw new OutgoingError(
          'OUTGOING_REDIRECT',
          `${asked.url.origin} redirects more than ${redirects} times`,
        );
      }
      asked = redirected(asked, status, message.headers.location);
    }
  }

  private async ask(
    asked: Parameters<typeof redirected>[0],
    limits: OutgoingLimits,
    deadline: Deadline,
  ): Promise<IncomingMessage> {
    deadline.startConnecting(limits.connectMs);
    const { resolve = resolveBySystem, allowed, ca } = this.options;
    const host = asked.url.hostname.replace(/^\[|\]$/g, '');
    const addresses = await deadline.race(resolveHost(host, resolve, allowed()));
    return sendOnce({ ...asked, addresses, deadline, ca });
  }
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new OutgoingError('OUTGOING_INVALID', 'the URL is not one of http or https');
  }
  if (url.username !== '' || url.password !== '') {
    throw new OutgoingError(
      'OUTGOING_INVALID',
      `the URL of ${url.host} holds a password: send it as a header`,
    );
  }
  return url;
}

function sendable(headers: Readonly<Record<string, string>>): Record<string, string> {
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(named.filter(([name]) => !OURS.has(name)));
}

function headersOf(message: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

function checkHead(url: URL, message: IncomingMessage, maxBytes: number): void {
  const encoding = message.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    message.destroy();
    throw new OutgoingError(
      'OUTGOING_UNREADABLE',
      `${url.origin} answers in ${encoding}, which was not asked for`,
    );
  }
  if (Number(message.headers['content-length'] ?? 0) > maxBytes) {
    message.destroy();
    throw tooLarge(maxBytes);
  }
}

async function* limitedBody(
  message: IncomingMessage,
  maxBytes: number,
  deadline: Deadline,
): AsyncGenerator<Uint8Array, void> {
  let size = 0;
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      yield chunk;
    }
  } catch (error) {
    const reason = deadline.reasonOf(error as Error);
    if (reason instanceof OutgoingError) throw reason;
    throw new OutgoingError('OUTGOING_UNREACHABLE', `the answer broke off: ${reason.message}`, reason);
  } finally {
    deadline.end();
    message.destroy();
  }
}

function tooLarge(maxBytes: number): OutgoingError {
  return new OutgoingError('OUTGOING_TOO_LARGE', `the answer has more than ${maxBytes} bytes`);
}
