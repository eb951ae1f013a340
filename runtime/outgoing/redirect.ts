import { OutgoingError } from './outgoing-error.ts';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** They were meant for the place that was named. */
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status);
}

/** What to ask next. Within one host and port only, or from http to https. */
export function redirected(asked: Asked, status: number, location: string | undefined): Asked {
  const from = asked.url;
  if (location === undefined || !URL.canParse(location, from.href)) {
    throw new OutgoingError('OUTGOING_REDIRECT', `${from.origin} redirects to nowhere`);
  }
  const url = new URL(location, from);
  const isUpgrade = from.protocol === 'http:' && url.protocol === 'https:' && url.hostname === from.hostname;
  if (url.origin !== from.origin && !isUpgrade) {
    throw new OutgoingError(
      'OUTGOING_REDIRECT',
      `${from.origin} redirects to ${url.origin}, which is another place: name that one if it is meant`,
    );
  }
  const becomesGet = status === 303 || ((status === 301 || status === 302) && asked.method === 'POST');
  const kept = Object.entries(asked.headers).filter(
    ([name]) => !CREDENTIALS.has(name) && !(becomesGet && name.startsWith('content-')),
  );
  return {
    url,
    headers: Object.fromEntries(kept),
    ...(becomesGet ? { method: 'GET', body: undefined } : { method: asked.method, body: asked.body }),
  };
}
