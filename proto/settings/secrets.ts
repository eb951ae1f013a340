/**
 * Every secret that can be set while the platform runs, and what it is for. One that something new needs is a line here: the API, the page,
 * and `ophion config` know them by this list; whoever uses it asks `SecretStore.reveal`.
 */
export const SECRETS = {
  'oidc-client-secret': 'client secret of the OpenID Connect provider; without it the client is a public one',
  'smtp-password':
    'password at the mail server; kept for notifications by mail, which this version does not send yet',
  'slack-bot-token':
    'token of the bot that writes to Slack; kept for notifications there, which this version does not send yet',
  'openai-api-key':
    'API key of OpenAI, or of a server that speaks like it; kept for the copilot, which this version does not have yet',
} as const;

export type SecretName = keyof typeof SECRETS;

export const SECRET_NAMES: readonly SecretName[] = Object.keys(SECRETS) as SecretName[];

export const MOST_SECRET_LENGTH = 8_192;
