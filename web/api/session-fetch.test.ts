import { describe, expect, it } from 'vitest';
import { makeSessionFetch } from './session-fetch.ts';

const refusal = (code: string): Response => Response.json({ error: { code, message: '' } }, { status: 401 });

/** A server whose access token counts for so many requests, and is renewed as often as `refreshes` says. */
function server(counts: number, refreshes: number) {
  const asked: string[] = [];
  let left = counts;
  let renewals = refreshes;
  let signedOut = 0;
  const ask = makeSessionFetch({
    fetch: (url, init) => {
      asked.push(`${init.method ?? 'GET'} ${url}`);
      if (url === '/api/v1/session/refresh') {
        if (renewals === 0) return Promise.resolve(refusal('UNAUTHENTICATED'));
        renewals -= 1;
        left = counts;
        return Promise.resolve(Response.json({}));
      }
      if (url === '/wrong-password') return Promise.resolve(refusal('SIGN_IN_REFUSED'));
      if (left === 0) return Promise.resolve(refusal('UNAUTHENTICATED'));
      if (url !== '/api/v1/me') left -= 1;
      return Promise.resolve(Response.json({ url }));
    },
    onSignedOut: () => {
      signedOut += 1;
    },
    exclusively: (work) => work(),
  });
  return { ask, asked, signedOut: () => signedOut };
}

describe('fetch in a session', () => {
  it('takes a new token once the old one has expired, and asks again', async () => {
    const { ask, asked, signedOut } = server(1, 1);
    expect((await ask('/a', {})).status).toBe(200);
    expect(await (await ask('/b', {})).json()).toEqual({ url: '/b' });
    expect(asked).toEqual(['GET /a', 'GET /b', 'GET /api/v1/me', 'POST /api/v1/session/refresh', 'GET /b']);
    expect(signedOut()).toBe(0);
  });

  it('takes one for all that wait', async () => {
    const { ask, asked } = server(3, 1);
    await Promise.all(['/a', '/b', '/c'].map((url) => ask(url, {})));
    const answers = await Promise.all(['/d', '/e', '/f'].map((url) => ask(url, {})));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(asked.filter((line) => line.includes('refresh'))).toHaveLength(1);
  });

  it('says when nobody is signed in any more', async () => {
    const { ask, signedOut } = server(0, 0);
    expect((await ask('/a', {})).status).toBe(401);
    expect(signedOut()).toBe(1);
  });

  it('leaves a wrong password alone', async () => {
    const { ask, asked, signedOut } = server(1, 1);
    expect((await ask('/wrong-password', {})).status).toBe(401);
    expect(asked).toHaveLength(1);
    expect(signedOut()).toBe(0);
  });
});
