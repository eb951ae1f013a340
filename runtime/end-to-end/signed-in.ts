import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { CLIENT_HEADER } from '../../proto/access/index.ts';
import type { SignedInJson } from '../../proto/api/index.ts';
import { FIRST_ADMIN } from '../auth/index.ts';

const PASSWORD_FILE = fileURLToPath(new URL('admin-password.txt', import.meta.url));

/** Settings of a platform whose first administrator tests and benches know. */
export const KNOWN_ADMIN = { OPHION_ADMIN_PASSWORD_FILE: PASSWORD_FILE } as const;

/** One sign-in for all who ask at the same time. */
const accessTokens = new Map<number, Promise<string>>();

export async function adminCredentials(): Promise<{ readonly login: string; readonly password: string }> {
  return { login: FIRST_ADMIN, password: (await readFile(PASSWORD_FILE, 'utf8')).trim() };
}

function signIn(apiPort: number, body: object): Promise<Response> {
  return fetch(`http://127.0.0.1:${apiPort}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [CLIENT_HEADER]: '1' },
    body: JSON.stringify(body),
  });
}

/** As the administrator of a platform that was started with `KNOWN_ADMIN`. */
export async function adminToken(apiPort: number): Promise<string> {
  const response = await signIn(apiPort, await adminCredentials());
  if (!response.ok) throw new Error(`the sign-in answered ${response.status}: ${await response.text()}`);
  const { tokens } = (await response.json()) as SignedInJson;
  return tokens?.accessToken ?? '';
}

/** `fetch` of the API as its administrator; signs in when it must. */
export async function fetchApi(
  apiPort: number,
  pathAndQuery: string,
  init: Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Response> {
  let used: Promise<string> | undefined;
  const ask = async (): Promise<Response> => {
    const signing = accessTokens.get(apiPort) ?? adminToken(apiPort);
    accessTokens.set(apiPort, signing);
    used = signing;
    const token = await signing.catch((error: unknown) => {
      accessTokens.delete(apiPort);
      throw error;
    });
    return fetch(`http://127.0.0.1:${apiPort}${pathAndQuery}`, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${token}` },
    });
  };
  const response = await ask();
  if (response.status !== 401) return response;
  // It has expired, or was another platform's on this port.
  await response.arrayBuffer();
  if (accessTokens.get(apiPort) === used) accessTokens.delete(apiPort);
  return ask();
}

export interface BrowserCookie {
  readonly name: string;
  readonly value: string;
  readonly url: string;
}

/** What a browser holds once the administrator has signed in at this port, the dashboard's or the API's. */
export async function adminCookies(port: number): Promise<BrowserCookie[]> {
  const response = await signIn(port, { ...(await adminCredentials()), deliver: 'cookies' });
  if (!response.ok) throw new Error(`the sign-in answered ${response.status}: ${await response.text()}`);
  return response.headers.getSetCookie().map((cookie) => {
    const [pair = ''] = cookie.split(';');
    const at = pair.indexOf('=');
    return { name: pair.slice(0, at), value: pair.slice(at + 1), url: `http://127.0.0.1:${port}` };
  });
}
