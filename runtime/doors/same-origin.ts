import type { HttpRequestHead } from '../http/index.ts';

/**
 * Whether a page of another origin made the request, as far as its browser says: `Sec-Fetch-Site` cannot be written by
 * scripts and does not depend on what proxies make of `Host`; older browsers send `Origin` with every change.
 */
export function isFromElsewhere(request: Pick<HttpRequestHead, 'header'>): boolean {
  const site = request.header('sec-fetch-site');
  if (site !== undefined) return site !== 'same-origin';
  const origin = request.header('origin');
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== request.header('host');
}
