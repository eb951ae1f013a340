/** Why the server closes a WebSocket: codes above 4000 are ours. */
export const CloseCode = {
  /** The server stops; reconnect. */
  goingAway: 1001,
  /** A message was not understood; reconnecting won't help. */
  badMessage: 4400,
  /** The session ended, or the key counts no more: sign in again. */
  signedOut: 4401,
  /** What the caller may see is not what it was; reconnect. */
  accessChanged: 4403,
  /** The client could not keep up; reconnect and backfill. */
  tooSlow: 4408,
} as const;
