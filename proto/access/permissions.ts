/** Everything one may be allowed to do, and what it lets one do. */
export const PERMISSIONS = {
  'services:read': 'see services, what they do and who calls whom',
  'traces:read': 'search and read traces',
  'logs:read': 'search and read logs',
  'metrics:read': 'read metrics',
  'insights:read': 'see insights, what they say of services and why',
  'insights:judge': 'say whether an insight was useful',
  'alerts:ack': 'acknowledge, assign and silence alerts',
  'playbooks:approve': 'approve that a playbook acts',
  'copilot:use': 'ask the copilot',
  'sql:run': 'ask the archive in SQL',
  'platform:read': 'see how the platform itself is doing',
  'ingest:write': 'send telemetry',
  'users:read': 'see users and their roles',
  'users:write': 'make, change and disable users, and give them roles',
  'roles:write': 'make and change roles',
  'keys:write': 'make and revoke API keys of service accounts and of other users',
  'audit:read': 'read the audit log',
  'settings:read': 'see settings, without secrets',
  'settings:write': 'change settings that security does not depend on',
  'settings:security':
    'with settings:write: change where requests may go, sign-in, sessions, secrets and how long the audit log is kept',
} as const;

export type Permission = keyof typeof PERMISSIONS;

export const ALL_PERMISSIONS = Object.keys(PERMISSIONS) as readonly Permission[];

const READS = [
  'services:read',
  'traces:read',
  'logs:read',
  'metrics:read',
  'insights:read',
  'platform:read',
] as const satisfies readonly Permission[];

/** Roles that every installation has. They cannot be changed or removed. */
export const BUILT_IN_ROLES = {
  viewer: READS,
  editor: [...READS, 'insights:judge', 'alerts:ack', 'copilot:use', 'settings:read'],
  operator: [
    ...READS,
    'insights:judge',
    'alerts:ack',
    'playbooks:approve',
    'copilot:use',
    'settings:read',
    'sql:run',
    'users:read',
  ],
  admin: ALL_PERMISSIONS,
} as const satisfies Readonly<Record<string, readonly Permission[]>>;

/** Whoever has one of these administers the installation, and could give themselves more or let others in. */
export const ADMINISTERS = [
  'users:write',
  'roles:write',
  'keys:write',
  'settings:security',
] as const satisfies readonly Permission[];

export type BuiltInRole = keyof typeof BUILT_IN_ROLES;

/** What is asked of whoever asks, besides permissions. */
export const REQUIREMENTS = {
  nothing: 'nobody is asked who they are',
  identified: 'a key or a session, even one whose password has to be changed or a second factor set up first',
  'signed-in': 'a session or a key',
  session: 'a person in a session; a key will not do',
  'enrolling-session': 'a person in a session, even one who has to set up a second factor first',
  'any-session':
    'a person in a session, even one whose password has to be changed or a second factor set up first',
} as const;

export type Requirement = keyof typeof REQUIREMENTS | Permission;

export function isPermission(text: string): text is Permission {
  return Object.hasOwn(PERMISSIONS, text);
}

export function isRequirement(needs: unknown): needs is Requirement {
  return typeof needs === 'string' && (Object.hasOwn(REQUIREMENTS, needs) || isPermission(needs));
}
