import type { LookupAddress } from 'node:dns';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Deadline } from './deadline.ts';
import { OutgoingError } from './outgoing-error.ts';

export interface OneRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  /** The connection is made to one of these and to nothing else. */
  readonly addresses: readonly LookupAddress[];
  readonly deadline: Deadline;
  /** PEM of authorities to trust besides Node's own. */
  readonly ca: string | undefined;
}

/** One request on a connection of its own. Resolves with the head of the answer. */
export function sendOnce(one: OneRequest): Promise<IncomingMessage> {
  const { method, url, headers, body, addresses, deadline, ca } = one;
  const options: RequestOptions & { readonly ca?: string } = {
    method,
    // No pool: a connection that was made for one host is never used for another.
    agent: false,
    lookup: answerWith(addresses),
    signal: deadline.signal,
    headers: {
      ...headers,
      // What is not compressed cannot burst.
      'accept-encoding': 'identity',
      ...(body === undefined ? {} : { 'content-length': String(body.length) }),
    },
    ...(ca === undefined ? {} : { ca }),
  };
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      reject(deadline.reasonOf(unreachable(url, error)));
    };
    try {
      const isSecure = url.protocol === 'https:';
      const request = (isSecure ? httpsRequest : httpRequest)(url, options, (message) => {
        // Whoever reads is told; when nobody reads, the deadline's end is no reason to end the process.
        message.on('error', () => undefined);
        resolve(message);
      });
      request.on('error', fail);
      request.on('socket', (socket) => {
        socket.once(isSecure ? 'secureConnect' : 'connect', () => {
          deadline.connected();
        });
      });
      request.end(body);
    } catch (error) {
      // Node refuses characters that would start another header or request.
      reject(
        new OutgoingError(
          'OUTGOING_INVALID',
          `the request to ${url.origin} cannot be sent: ${String(error)}`,
          error,
        ),
      );
    }
  });
}

function answerWith(addresses: readonly LookupAddress[]): LookupFunction {
  return (_host, { all }, callback) => {
    const [first] = addresses;
    if (all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
}

function unreachable(url: URL, error: unknown): OutgoingError {
  if (error instanceof OutgoingError) return error;
  const reason = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const said = reason instanceof Error ? reason.message : String(reason);
  return new OutgoingError('OUTGOING_UNREACHABLE', `${url.origin} cannot be reached: ${said}`, error);
}
