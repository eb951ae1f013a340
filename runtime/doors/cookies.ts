import { ACCESS_COOKIE, OIDC_COOKIE, REFRESH_COOKIE } from '../../proto/access/index.ts';

/** Browsers take a name with this only over TLS, from the host itself, for all its paths. */
const HOST_PREFIX = '__Host-';
const KINDS = { access: ACCESS_COOKIE, refresh: REFRESH_COOKIE, oidc: OIDC_COOKIE } as const;
type Kind = keyof typeof KINDS;

function nameOf(kind: Kind, isSecure: boolean): string {
  return `${isSecure ? HOST_PREFIX : ''}${KINDS[kind]}`;
}

/** A cookie of a request: over TLS only the one that nobody else can have set. */
export function readCookie(header: string | undefined, kind: Kind, isSecure: boolean): string | undefined {
  const wanted = nameOf(kind, isSecure);
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === wanted) return part.slice(at + 1).trim();
  }
  return undefined;
}

/**
 * As `Set-Cookie` has it: no script reads it, no other site's page sends it. That of a sign-in at a provider alone comes along
 * when the browser is sent back from there.
 */
export function setCookie(kind: Kind, value: string, maxAgeSeconds: number, isSecure: boolean): string {
  const secure = isSecure ? '; Secure' : '';
  const sameSite = kind === 'oidc' ? 'Lax' : 'Strict';
  return `${nameOf(kind, isSecure)}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=${sameSite}${secure}`;
}

export function clearCookie(kind: Kind, isSecure: boolean): string {
  return setCookie(kind, '', 0, isSecure);
}

export function clearCookies(isSecure: boolean): readonly string[] {
  return [clearCookie('access', isSecure), clearCookie('refresh', isSecure)];
}
