export interface InflateBounds {
  readonly maxBytes: number;
  /** Asked before memory is taken; false: there is none, or nobody waits for it any more. */
  readonly reserve: (bytes: number) => boolean;
}

export type Inflated =
  | { readonly type: 'inflated'; readonly bytes: Uint8Array }
  | { readonly type: 'too-large' }
  /** Not now: too much else is under way. */
  | { readonly type: 'no-room' }
  | { readonly type: 'malformed'; readonly reason: string };
