import { createApiClient } from '../../proto/api/index.ts';
import { makeSessionFetch } from './session-fetch.ts';

const listeners = new Set<() => void>();

/** Told when the session is over. Returns how to stop being told. */
export function onSignedOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Of one browser, where it has locks: it has them over TLS and on this machine. */
function exclusively(work: () => Promise<boolean>): Promise<boolean> {
  const locks = 'locks' in navigator ? navigator.locks : undefined;
  return locks ? locks.request('ophion-session', work) : work();
}

/** `fetch` that goes on with new tokens when the old ones have expired. */
export const sessionFetch = makeSessionFetch({
  fetch: (url, init) => fetch(url, init),
  onSignedOut: () => {
    for (const listener of listeners) listener();
  },
  exclusively,
});

/** The API of the server that the page came from. */
export const api = createApiClient({ origin: '', fetch: sessionFetch });
