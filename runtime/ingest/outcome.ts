/** What became of one export request. Translated to OTLP's words by each receiver. */
export type IngestOutcome =
  /** Durable and on its way to the windows. `message` is '' or says why items were rejected. */
  | { readonly type: 'accepted'; readonly rejected: number; readonly message: string }
  /** Will never be readable: the sender must not try again. */
  | { readonly type: 'undecodable'; readonly reason: string }
  /** Nothing of it was kept: the sender should try again after this time. */
  | { readonly type: 'refused'; readonly reason: string; readonly retryAfterMs: number };

export type RequestEncoding = 'protobuf' | 'json';
