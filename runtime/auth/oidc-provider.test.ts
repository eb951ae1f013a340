import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OutgoingClient, parseAllowList } from '../outgoing/index.ts';
import { OidcProvider, type Claims, type OidcProviderOptions } from './oidc-provider.ts';

const CLIENT = 'ophion';

/** What a provider says that means ill: in its metadata, or in an ID token. */
interface Said {
  issuer: string;
  /** Signs with a key that is not among its keys. */
  isForged: boolean;
  claims: Readonly<Record<string, unknown>>;
}

describe('a provider that means ill', () => {
  let server: Server;
  let issuer: string;
  let privateKey: CryptoKey;
  let publicJwk: JWK;
  let otherKey: CryptoKey;
  let nonce = '';
  let said: Said;

  beforeAll(async () => {
    const pair = await generateKeyPair('RS256');
    privateKey = pair.privateKey;
    otherKey = (await generateKeyPair('RS256')).privateKey;
    publicJwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
    server = createServer((request, response) => {
      void answerTo(request.url ?? '').then((body) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    said = { issuer, isForged: false, claims: {} };
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  async function answerTo(path: string): Promise<object> {
    if (path === '/jwks') return { keys: [publicJwk] };
    if (path === '/token') {
      return { access_token: 'x', token_type: 'Bearer', expires_in: 60, id_token: await idToken() };
    }
    return {
      issuer: said.issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
    };
  }

  function idToken(): Promise<string> {
    const seconds = Math.floor(Date.now() / 1_000);
    const claims = { iss: issuer, aud: CLIENT, sub: 'ada', nonce, iat: seconds, exp: seconds + 60 };
    return new SignJWT({ ...claims, ...said.claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .sign(said.isForged ? otherKey : privateKey);
  }

  async function signIn(): Promise<Claims> {
    const outgoing = new OutgoingClient({ allowed: () => parseAllowList(['127.0.0.1']) });
    const provider = new OidcProvider(outgoing);
    const options: OidcProviderOptions = {
      issuer,
      clientId: CLIENT,
      clientSecret: 'a-secret-of-the-client-of-32-characters',
      redirectUri: 'https://ophion.example/api/v1/auth/oidc/callback',
      scopes: ['openid'],
      groupsClaim: 'groups',
    };
    const { checks } = await provider.begin(options);
    ({ nonce } = checks);
    return provider.complete(options, `code=x&state=${checks.state}`, checks);
  }

  it('is not believed when another key has signed', async () => {
    said.isForged = true;
    await expect(signIn()).rejects.toThrow();
  });

  it('is known from one that does not', async () => {
    expect(await signIn()).toMatchObject({ sub: 'ada', aud: CLIENT });
  });

  it('cannot speak for another one in its metadata', async () => {
    said.issuer = 'https://idp.example';
    await expect(signIn()).rejects.toThrow();
  });

  it.each([
    ['for another client', { aud: 'another' }],
    ['for several clients, made for another', { aud: [CLIENT, 'another'], azp: 'another' }],
    ['of another provider', { iss: 'https://idp.example' }],
    ['that is over', { exp: 1 }],
    ['of nobody', { sub: undefined }],
    ['for another sign-in', { nonce: 'another' }],
    ['for no sign-in', { nonce: undefined }],
  ])('is not believed with an ID token %s', async (_what, claims) => {
    said.claims = claims;
    await expect(signIn()).rejects.toThrow();
  });
});
