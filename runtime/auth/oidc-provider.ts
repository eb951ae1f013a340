import { createHash } from 'node:crypto';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretBasic,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  type Configuration,
} from 'openid-client';
import { outgoingFetch, type OutgoingClient } from '../outgoing/index.ts';

/** What has to be known of a provider, and by it. */
export interface OidcProviderOptions {
  readonly issuer: string;
  readonly clientId: string;
  /** Without it the client is a public one: PKCE alone protects the code. */
  readonly clientSecret: string | undefined;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  /** May be answered by the ID token; if not, the provider is asked once more. */
  readonly groupsClaim: string;
}

/** What only this browser and we know of a sign-in that has begun. */
export interface OidcChecks {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export type Claims = Readonly<Record<string, unknown>>;

const LIMITS = { connectMs: 5_000, totalMs: 10_000, maxAnswerBytes: 2 ** 20 };
/** What a provider says of itself, and its keys, are asked for anew after so long. */
const KEPT_MS = 3_600_000;

/** An OpenID Connect provider: authorization code flow with PKCE, state and nonce, through the outgoing client. */
export class OidcProvider {
  private readonly outgoing: OutgoingClient;
  private readonly now: () => number;
  private known:
    { readonly key: string; readonly until: number; readonly config: Promise<Configuration> } | undefined;

  constructor(outgoing: OutgoingClient, now: () => number = Date.now) {
    this.outgoing = outgoing;
    this.now = now;
  }

  /** Where to send the browser, and what to check when it comes back. */
  async begin(options: OidcProviderOptions): Promise<{ readonly url: string; readonly checks: OidcChecks }> {
    const config = await this.configOf(options);
    const checks = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
    const url = buildAuthorizationUrl(config, {
      redirect_uri: options.redirectUri,
      scope: options.scopes.join(' '),
      response_type: 'code',
      state: checks.state,
      nonce: checks.nonce,
      code_challenge: await calculatePKCECodeChallenge(checks.verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, checks };
  }

  /** What the provider vouches for. Rejects when it does not, or when the answer is not to what was asked. */
  async complete(options: OidcProviderOptions, query: string, checks: OidcChecks): Promise<Claims> {
    const config = await this.configOf(options);
    const tokens = await authorizationCodeGrant(config, new URL(`${options.redirectUri}?${query}`), {
      expectedState: checks.state,
      expectedNonce: checks.nonce,
      pkceCodeVerifier: checks.verifier,
      idTokenExpected: true,
    });
    const claims: Claims = tokens.claims() ?? {};
    const hasAll = Object.hasOwn(claims, options.groupsClaim);
    if (hasAll || config.serverMetadata().userinfo_endpoint === undefined) return claims;
    const more: Claims = await fetchUserInfo(config, tokens.access_token, String(claims['sub']));
    return { ...more, ...claims };
  }

  private configOf(options: OidcProviderOptions): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = options;
    const key = createHash('sha256')
      .update(JSON.stringify([issuer, clientId, clientSecret]))
      .digest('hex');
    if (this.known?.key === key && this.known.until > this.now()) return this.known.config;
    const config = this.discover(new URL(issuer), clientId, clientSecret);
    this.known = { key, until: this.now() + KEPT_MS, config };
    config.catch(() => {
      if (this.known?.config === config) this.known = undefined;
    });
    return config;
  }

  private discover(issuer: URL, clientId: string, clientSecret: string | undefined): Promise<Configuration> {
    const authentication = clientSecret === undefined ? None() : ClientSecretBasic(clientSecret);
    return discovery(issuer, clientId, undefined, authentication, {
      [customFetch]: outgoingFetch(this.outgoing, LIMITS),
      execute: [
        // Signatures of ID tokens are checked, too, and not only whom they came from.
        enableNonRepudiationChecks,
        // oxlint-disable-next-line typescript/no-deprecated -- marked so as to stand out; the settings allow it on this machine only
        ...(issuer.protocol === 'http:' ? [allowInsecureRequests] : []),
      ],
    });
  }
}
