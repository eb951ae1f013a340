/**
 * Every secret that can be set while the platform runs, and what it is for. One that something new needs is a line here: the API, the page,
 * and `ophion config` know them by this list; whoever uses it asks `SecretStore.reveal`.
 */
export const SECRETS = {
  'oidc-client-secret': 'client secret of the OpenID Connect provider; without it the client is a public one',
} as const;

export type SecretName = keyof typeof SECRETS;

export const SECRET_NAMES: readonly SecretName[] = Object.keys(SECRETS) as SecretName[];

export const MOST_SECRET_LENGTH = 8_192;
