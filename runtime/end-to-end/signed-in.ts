import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { CLIENT_HEADER } from '../../proto/access/index.ts';
import type { SignedInJson } from '../../proto/api/index.ts';
import { FIRST_ADMIN, type Users } from '../auth/index.ts';

const PASSWORD_FILE = fileURLToPath(new URL('admin-password.txt', import.meta.url));

/** Only in between: in the end the password is the file's again, also for whoever starts the same data directory anew. */
const PASSING_PASSWORD = 'eight passing clouds in june';

/** Settings of a platform whose first administrator tests and benches know. */
export const KNOWN_ADMIN = { OPHION_ADMIN_PASSWORD_FILE: PASSWORD_FILE } as const;

/** One sign-in for all who ask at the same time. */
const accessTokens = new Map<number, Promise<string>>();

export async function adminCredentials(): Promise<{ readonly login: string; readonly password: string }> {
  return { login: FIRST_ADMIN, password: (await readFile(PASSWORD_FILE, 'utf8')).trim() };
}

async function send(
  port: number,
  method: 'POST' | 'PUT',
  path: string,
  body: object,
  token?: string,
): Promise<Response> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      [CLIENT_HEADER]: '1',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response;
}

/** As if the first administrator had changed the password and changed it back: in this process, without the time of hashing. */
export async function keepFirstPassword(users: Users): Promise<void> {
  const admin = users.byLogin(FIRST_ADMIN);
  if (!admin?.mustChangePassword) return;
  await users.change((query) => users.update(query, admin.id, { mustChangePassword: false }));
}

function signIn(port: number, body: object): Promise<Response> {
  return send(port, 'POST', '/api/v1/session', body);
}

/** As the administrator of a platform that was started with `KNOWN_ADMIN`, who changes the first password when asked to. */
export async function adminToken(apiPort: number): Promise<string> {
  const { password, ...who } = await adminCredentials();
  const { me, tokens } = (await (await signIn(apiPort, { ...who, password })).json()) as SignedInJson;
  const token = tokens?.accessToken ?? '';
  if (me.mustChangePassword) {
    const change = (current: string, next: string): Promise<Response> =>
      send(apiPort, 'PUT', '/api/v1/me/password', { current, next }, token);
    await change(password, PASSING_PASSWORD);
    await change(PASSING_PASSWORD, password);
  }
  return token;
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
  const body = { ...(await adminCredentials()), deliver: 'cookies' };
  let response = await signIn(port, body);
  const { me } = (await response.json()) as SignedInJson;
  if (me.mustChangePassword) {
    await adminToken(port);
    response = await signIn(port, body);
  }
  return response.headers.getSetCookie().map((cookie) => {
    const [pair = ''] = cookie.split(';');
    const at = pair.indexOf('=');
    return { name: pair.slice(0, at), value: pair.slice(at + 1), url: `http://127.0.0.1:${port}` };
  });
}
