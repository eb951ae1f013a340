import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider, type Configuration } from 'oidc-provider';

export interface TestAccount {
  readonly id: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

export interface TestProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who is at the browser. */
  account: TestAccount;
  /** Does what a browser does with the address of a sign-in: resolves with where it is sent back to. */
  visit(url: string): Promise<URL>;
  stop(): Promise<void>;
}

/** A real OpenID Connect provider on loopback. Whoever comes is signed in at once, and agrees to everything. */
export async function startTestProvider(redirectUri: string): Promise<TestProvider> {
  const clientId = 'ophion';
  const clientSecret = 'a-secret-of-the-client-of-32-characters';
  const accounts = new Map<string, TestAccount>();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const configuration: Configuration = {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    pkce: { required: () => true },
    claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'], email: ['email'] },
    // As most do: the ID token has little, the userinfo endpoint the rest.
    conformIdTokenClaims: true,
    features: { devInteractions: { enabled: false } },
    ttl: { AuthorizationCode: 60, AccessToken: 60, IdToken: 60, Session: 60, Interaction: 60, Grant: 60 },
    cookies: { keys: ['a key of this test alone'] },
    findAccount: (_context, id) => {
      const account = accounts.get(id);
      return account && { accountId: id, claims: () => ({ sub: id, ...account.claims }) };
    },
    loadExistingGrant: async (context) => {
      const { client, session } = context.oidc;
      if (!client || session?.accountId === undefined) return undefined;
      const grant = new context.oidc.provider.Grant({
        clientId: client.clientId,
        accountId: session.accountId,
      });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
  };
  const provider = new Provider(issuer, configuration);
  const answer = provider.callback();
  const test: TestProvider = {
    issuer,
    clientId,
    clientSecret,
    account: { id: 'nobody', claims: {} },
    visit: (url) => visit(url, redirectUri),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
  server.on('request', (request, response) => {
    accounts.set(test.account.id, test.account);
    if (request.url?.startsWith('/interaction/') !== true) {
      void answer(request, response);
      return;
    }
    void provider.interactionFinished(request, response, { login: { accountId: test.account.id } });
  });
  return test;
}

const MOST_STEPS = 10;

async function visit(start: string, redirectUri: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = new URL(start);
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';', 1)[0] ?? '').split(/=(.*)/s);
      cookies.set(name, value);
    }
    const location = answer.headers.get('location');
    if (location === null) throw new Error(`the provider answered ${answer.status}: ${await answer.text()}`);
    url = new URL(location, url);
    if (url.href.startsWith(redirectUri)) return url;
  }
  throw new Error('the provider sends the browser in circles');
}
