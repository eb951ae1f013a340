// Types alone: the schema behind them tries `eval`, which the page's policy forbids.
import type { SecondFactorRule, Settings } from '../../../proto/settings/index.ts';

export type SettingGroup = keyof Settings;

/** How a setting is edited. `lines`: one a line. `roles`: a line a group, `group: role, role`. */
export type SettingKind =
  | 'text'
  | 'long-text'
  | 'optional-text'
  | 'number'
  | 'optional-number'
  | 'switch'
  | 'choice'
  | 'lines'
  | 'roles';

export interface SettingField {
  readonly key: string;
  readonly label: string;
  readonly about: string;
  readonly kind: SettingKind;
  /** Whoever may change settings may change it; the others need `settings:security`, too. */
  readonly isOrdinary?: true;
  /** Of a choice. */
  readonly options?: readonly { readonly value: string; readonly label: string }[];
}

const SECOND_FACTOR_LABELS: Readonly<Record<SecondFactorRule, string>> = {
  nobody: 'Nobody',
  admins: 'Whoever administers users, roles, keys or security',
  everybody: 'Everybody who signs in with a password',
};

export interface SettingSection {
  readonly group: SettingGroup;
  readonly title: string;
  readonly fields: readonly SettingField[];
}

/** Every setting, in the order of the page. */
export const SETTING_SECTIONS: readonly SettingSection[] = [
  {
    group: 'general',
    title: 'General',
    fields: [
      {
        key: 'publicUrl',
        label: 'Public URL',
        about: 'Where browsers reach this installation; sign-in providers send them back there.',
        kind: 'optional-text',
      },
    ],
  },
  {
    group: 'signIn',
    title: 'Sign-in',
    fields: [
      {
        key: 'notice',
        label: 'Notice',
        about: 'Shown on the sign-in page, before anybody has signed in.',
        kind: 'long-text',
        isOrdinary: true,
      },
      {
        key: 'requireSecondFactor',
        label: 'Must have a second factor',
        about: 'Who has none sets one up at the next sign-in, before anything else.',
        kind: 'choice',
        options: Object.entries(SECOND_FACTOR_LABELS).map(([value, label]) => ({ value, label })),
      },
      {
        key: 'idleMinutes',
        label: 'Unused session ends after, minutes',
        about: 'An open page that shows live data uses its session. Empty: never by that.',
        kind: 'optional-number',
      },
      {
        key: 'sessionHours',
        label: 'Session, hours',
        about: 'How long a new session lasts at most. Empty: as OPHION_SESSION_HOURS says.',
        kind: 'optional-number',
      },
    ],
  },
  {
    group: 'oidc',
    title: 'Single sign-on (OpenID Connect)',
    fields: [
      { key: 'isEnabled', label: 'Offer it on the sign-in page', about: '', kind: 'switch' },
      { key: 'label', label: 'Label of its button', about: '', kind: 'text' },
      {
        key: 'issuer',
        label: 'Issuer',
        about: 'URL of the provider; its /.well-known/openid-configuration is read.',
        kind: 'optional-text',
      },
      {
        key: 'clientId',
        label: 'Client id',
        about: 'What the provider calls this installation. The client secret is among the secrets.',
        kind: 'text',
      },
      { key: 'scopes', label: 'Scopes', about: 'One a line; openid must be among them.', kind: 'lines' },
      { key: 'loginClaim', label: 'Claim with the login', about: '', kind: 'text' },
      { key: 'groupsClaim', label: 'Claim with the groups', about: '', kind: 'text' },
      {
        key: 'groupRoles',
        label: 'Roles of groups',
        about: 'A line a group, as in “sre: operator, editor”. Who is in none of them cannot sign in.',
        kind: 'roles',
      },
    ],
  },
  {
    group: 'outgoing',
    title: 'Requests to other machines',
    fields: [
      {
        key: 'allow',
        label: 'Allowed, though not of the public internet',
        about: 'Addresses, ranges (10.0.0.0/8) and hosts, one a line.',
        kind: 'lines',
      },
    ],
  },
  {
    group: 'audit',
    title: 'Audit log',
    fields: [
      {
        key: 'retentionDays',
        label: 'Kept for, days',
        about: 'Thirty or more. Empty: for ever.',
        kind: 'optional-number',
      },
    ],
  },
  {
    group: 'insights',
    title: 'Insights',
    fields: [
      {
        key: 'retentionDays',
        label: 'Kept once over, days',
        about: 'Counted from when an insight ends. Feedback on it goes with it.',
        kind: 'number',
        isOrdinary: true,
      },
    ],
  },
];
