import { CLIENT_HEADER } from '../../proto/access/index.ts';
import type { ErrorBody } from '../../proto/api/index.ts';

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface SessionFetchOptions {
  readonly fetch: Fetch;
  /** Nobody is signed in any more. */
  readonly onSignedOut: () => void;
  /** Runs one piece of work at a time over all tabs: a refresh token that two of them use ends the session. */
  readonly exclusively: (work: () => Promise<boolean>) => Promise<boolean>;
}

const REFRESH: RequestInit = {
  method: 'POST',
  headers: { 'content-type': 'application/json', [CLIENT_HEADER]: '1' },
  body: '{}',
};

/** `fetch` that takes a new access token when the old one has expired, and asks again. */
export function makeSessionFetch({ fetch, onSignedOut, exclusively }: SessionFetchOptions): Fetch {
  let refreshing: Promise<boolean> | undefined;
  const refreshed = async (): Promise<boolean> => {
    // Another tab may have been first.
    if ((await fetch('/api/v1/me', { headers: { accept: 'application/json' } })).ok) return true;
    return (await fetch('/api/v1/session/refresh', REFRESH)).ok;
  };
  return async (url, init) => {
    const response = await fetch(url, init);
    if (!(await isUnknown(response))) return response;
    refreshing ??= exclusively(refreshed).finally(() => {
      refreshing = undefined;
    });
    if (!(await refreshing)) {
      onSignedOut();
      return response;
    }
    return fetch(url, init);
  };
}

/** A wrong password is answered 401 as well. */
async function isUnknown(response: Response): Promise<boolean> {
  if (response.status !== 401) return false;
  const body = (await response
    .clone()
    .json()
    .catch(() => undefined)) as Partial<ErrorBody> | undefined;
  return body?.error?.code === 'UNAUTHENTICATED';
}
