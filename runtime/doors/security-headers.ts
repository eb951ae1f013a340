import type { HttpResponse } from '../http/index.ts';

/** Nothing inline, nothing from elsewhere, in no frame. */
const POLICY =
  "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
} as const;

/** Half a year; browsers then take no other way than TLS. */
const STRICT_TRANSPORT = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } as const;

/** On every answer of the dashboard and the API, whatever it is. One that has a policy of its own keeps it. */
export function withSecurityHeaders(response: HttpResponse, isSecure: boolean): HttpResponse {
  return {
    ...response,
    headers: { ...HEADERS, ...(isSecure ? STRICT_TRANSPORT : {}), ...response.headers },
  };
}
