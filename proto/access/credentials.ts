/** Where tokens of browsers are, which no script can read. Over TLS their names begin with `__Host-`. */
export const ACCESS_COOKIE = 'ophion-access';
export const REFRESH_COOKIE = 'ophion-refresh';
/** Of a sign-in that has begun at a provider. */
export const OIDC_COOKIE = 'ophion-oidc';
/** Of requests that change something and whose tokens are in cookies: a page of another origin cannot send it. */
export const CLIENT_HEADER = 'x-ophion-client';
/** Of an API key, beside `authorization: Bearer`; also the name in gRPC metadata. */
export const KEY_HEADER = 'x-ophion-key';
