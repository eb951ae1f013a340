/**
 * The server's time as the browser knows it. Frames carry the server's clock, and the browser's own may be minutes
 * off, so charts end at this and not at `Date.now()`.
 */
export interface ServerClock {
  /** Unix ms of the server as read from a frame that has just come. */
  observe(serverMs: number): void;
  nowMs(): number;
}

/** A server that has not counted a second yet says 0. */
const EARLIEST_MS = Date.UTC(2020, 0, 1);

export function makeServerClock(localNowMs: () => number = Date.now): ServerClock {
  let offsetMs = 0;
  return {
    observe(serverMs) {
      if (serverMs >= EARLIEST_MS) offsetMs = serverMs - localNowMs();
    },
    nowMs: () => localNowMs() + offsetMs,
  };
}
