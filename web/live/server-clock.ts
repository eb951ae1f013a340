/**
 * The server's time as the browser knows it. Frames carry the server's clock, and the browser's own may be minutes
 * off, so charts end at this and not at `Date.now()`.
 */
export interface ServerClock {
  /** Unix ms of the server as read from a frame that has just come. */
  observe(serverMs: number): void;
  nowMs(): number;
}

export function makeServerClock(localNowMs: () => number = Date.now): ServerClock {
  let offsetMs = 0;
  return {
    observe(serverMs) {
      offsetMs = serverMs - localNowMs();
    },
    nowMs: () => localNowMs() + offsetMs,
  };
}
