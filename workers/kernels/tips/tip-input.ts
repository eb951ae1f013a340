/** What a call goes to; `cache` is a key-value store such as Redis or Memcached. */
export type CallSystem = 'database' | 'cache' | 'messaging' | 'http' | 'rpc' | 'other';

/** A call to something else: a client or producer span, with what tips look at. */
export interface Call {
  readonly system: CallSystem;
  /** Who is called; empty when the span does not say. */
  readonly peer: string;
  /** The statement with its values taken out (`plainStatement`); empty without one. */
  readonly statement: string;
  /** It changes nothing, as far as is said. */
  readonly isRead: boolean;
  /** Bytes of the larger of request and answer; 0 when not said. */
  readonly bytes: number;
  /** How many times it was sent before, as `http.request.resend_count` has it. */
  readonly resends: number;
}

/** A finished span; `start` and `duration` in milliseconds. */
export interface TipSpan {
  readonly id: string;
  /** Empty at a root. */
  readonly parent: string;
  /** Service id. */
  readonly service: string;
  readonly operation: string;
  readonly start: number;
  readonly duration: number;
  readonly isError: boolean;
  readonly call: Call | undefined;
}

/** All spans of one trace, or of as much of it as is known, in any order. */
export interface TipTrace {
  readonly traceId: string;
  readonly spans: readonly TipSpan[];
}

export const TIP_CATEGORIES = [
  'n-plus-one',
  'chatty-calls',
  'serial-calls',
  'slow-statement',
  'retries',
  'cache-misses',
  'large-payloads',
] as const;
export type TipCategory = (typeof TIP_CATEGORIES)[number];

/** The call that shows it, or the first of them. */
export interface TipExample {
  readonly traceId: string;
  readonly spanId: string;
  readonly operation: string;
  readonly durationMs: number;
  readonly isError: boolean;
}

/** Something that could be done with less. */
export interface Tip {
  readonly category: TipCategory;
  /** Whose, and at which of its operations. */
  readonly service: string;
  readonly operation: string;
  /** What is done too often, too slowly or too largely. */
  readonly subject: string;
  /** Operations that were looked at, and those that show it. */
  readonly looked: number;
  readonly shown: number;
  /** What an operation that shows it would save, ms in the mean; NaN where it is no time that is saved. */
  readonly savingMs: number;
  /** Of the time that these operations take; 0 where it is no time that is saved. */
  readonly savingShare: number;
  /** What the tip rests on, by name: calls, milliseconds, bytes, shares. */
  readonly figures: Readonly<Record<string, number>>;
  readonly examples: readonly TipExample[];
  /** What the statement looks as if it lacked. */
  readonly signs: readonly string[];
}
