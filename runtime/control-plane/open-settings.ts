import type { Settings } from '../../proto/settings/index.ts';
import { OidcProvider, OidcSignIn, type OidcSignInSettings, type SessionLimits } from '../auth/index.ts';
import { ConfigError, type Config } from '../config/index.ts';
import type { Logger } from '../log/index.ts';
import { OutgoingClient, parseAllowList, type AllowList } from '../outgoing/index.ts';
import { SecretStore, SettingsStore } from '../settings/index.ts';
import type { Access } from './access.ts';

export interface SettingsOptions {
  readonly config: Pick<Config, 'outgoingAllow' | 'sessionHours'>;
  readonly access: Access;
  readonly log: Logger;
}

/** What can be changed while the platform runs, and what lives by it. */
export interface RunningSettings {
  readonly store: SettingsStore;
  readonly secrets: SecretStore;
  /** The one way out. */
  readonly outgoing: OutgoingClient;
  readonly oidc: OidcSignIn;
  readonly stop: () => Promise<void>;
}

export const OIDC_CALLBACK_PATH = '/api/v1/auth/oidc/callback';
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const RETENTION_MS = HOUR_MS;

export async function openSettings({ config, access, log }: SettingsOptions): Promise<RunningSettings> {
  const { database, audit, sealer, users, signIn, sessions, control } = access;
  const store = await SettingsStore.open({ database, audit });
  const secrets = new SecretStore({ database, sealer, audit });
  let allowed = allowListOf(config.outgoingAllow, store);
  const outgoing = new OutgoingClient({ allowed: () => allowed });
  const heed = (): void => {
    allowed = allowListOf(config.outgoingAllow, store);
    sessions.setLimits(sessionLimits(store.current.signIn, config.sessionHours));
    control.requireSecondFactor(store.current.signIn.requireSecondFactor);
  };
  const prune = (): void => {
    const { retentionDays } = store.current.audit;
    if (retentionDays === null) return;
    audit.prune(retentionDays, 'system').then(
      (removed) => {
        if (removed > 0) log.info({ removed, retentionDays }, 'old entries of the audit log were removed');
      },
      (error: unknown) => {
        log.error(
          { err: error },
          'old entries of the audit log could not be removed; tried again in an hour',
        );
      },
    );
  };
  heed();
  prune();
  const retention = setInterval(prune, RETENTION_MS).unref();
  const forget = store.onChange(() => {
    heed();
    prune();
  });
  const oidc = new OidcSignIn({
    ...{ database, users, sessions, signIn, audit, sealer },
    provider: new OidcProvider(outgoing),
    settings: () => oidcSettings(store, secrets),
    onAdminKept: (login) => {
      log.warn(
        { login },
        'the sign-in provider takes the roles of the last administrator; they are kept: give another user users:write first',
      );
    },
  });
  return {
    ...{ store, secrets, outgoing, oidc },
    stop() {
      forget();
      clearInterval(retention);
      return Promise.resolve();
    },
  };
}

export function sessionLimits(
  { sessionHours, idleMinutes }: Settings['signIn'],
  hoursByConfig: number,
): SessionLimits {
  return {
    lifetimeMs: (sessionHours ?? hoursByConfig) * HOUR_MS,
    idleMs: idleMinutes === null ? undefined : idleMinutes * MINUTE_MS,
  };
}

function allowListOf(always: readonly string[], { current }: SettingsStore): AllowList {
  try {
    return parseAllowList([...always, ...current.outgoing.allow]);
  } catch (error) {
    // Those of the settings were checked when they were set.
    throw new ConfigError(`OPHION_OUTGOING_ALLOW: ${(error as Error).message}`, { cause: error });
  }
}

async function oidcSettings(
  { current: { oidc, general } }: SettingsStore,
  secrets: SecretStore,
): Promise<OidcSignInSettings | undefined> {
  if (!oidc.isEnabled || oidc.issuer === null || general.publicUrl === null) return undefined;
  return {
    issuer: oidc.issuer,
    clientId: oidc.clientId,
    clientSecret: await secrets.reveal('oidc-client-secret'),
    redirectUri: new URL(OIDC_CALLBACK_PATH, general.publicUrl).href,
    scopes: oidc.scopes,
    loginClaim: oidc.loginClaim,
    groupsClaim: oidc.groupsClaim,
    groupRoles: oidc.groupRoles,
  };
}
