import { isDeepStrictEqual } from 'node:util';
import type { Configuration } from '../../proto/settings/index.ts';
import type { AuditEvent, Json } from '../audit/index.ts';
import { SettingsInvalidError, type Author } from '../settings/index.ts';
import type { RunQuery } from '../storage/postgres/index.ts';
import { ConfigurationConflictError } from './configuration-conflict-error.ts';
import {
  storedConfiguration,
  type ConfigurationContext,
  type ConfigurationState,
} from './configuration-context.ts';
import { subjectOf } from './describe-step.ts';
import {
  planConfiguration,
  type ConfigurationPlan,
  type ConfigurationStep,
  type SecretValues,
} from './plan-configuration.ts';

/** Nobody could manage users afterwards. Nothing was changed. */
export class LastAdminError extends Error {
  readonly code = 'LAST_ADMIN';

  constructor() {
    super('nobody who can sign in would have a role with users:write any more: leave one enabled');
    this.name = 'LastAdminError';
  }
}

/**
 * Makes everything as the file says, in one transaction, each change on record. Resolves with what was done. Rejects with
 * `SettingsInvalidError`, `ConfigurationConflictError`, `SettingsConflictError` or `LastAdminError`; then nothing was.
 */
export async function applyConfiguration(
  context: ConfigurationContext,
  file: Configuration,
  secretValues: SecretValues,
  author: Author,
  comment = '',
): Promise<readonly ConfigurationStep[]> {
  const { users, settings } = context;
  const planned = await planConfiguration(context, file, secretValues);
  if (planned.steps.length === 0) return [];
  try {
    await users.change(async (query) => {
      // Others may have had their turn since the plan was made.
      const stored = await storedConfiguration(context, query);
      const plan = await planAsBefore(planned, stored, file, secretValues);
      // Before anything is on record: who changes settings at the same time has their version first, and then waits for the record.
      const write = { expectedVersion: plan.settingsVersion, comment };
      await settings.write(query, plan.settings, write, author);
      for (const step of plan.steps) await applyStep(context, stored, query, step, secretValues, author);
      await requireAdmin(query);
    });
  } catch (error) {
    // The next difference is shown of what is stored, also when another process stored it.
    if (error instanceof ConfigurationConflictError) await Promise.all([users.reload(), settings.reload()]);
    throw error;
  }
  await settings.reload();
  return planned.steps;
}

/** On what is stored now, when that comes to the same steps. Rejects with `ConfigurationConflictError`. */
async function planAsBefore(
  planned: ConfigurationPlan,
  stored: ConfigurationState,
  file: Configuration,
  secretValues: SecretValues,
): Promise<ConfigurationPlan> {
  const plan = await planConfiguration(stored, file, secretValues).catch((error: unknown) => {
    if (!(error instanceof SettingsInvalidError)) throw error;
    // It was not when it was compared.
    const changed = error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw new ConfigurationConflictError(changed, error);
  });
  const differing = [...stepsBeside(planned, plan), ...stepsBeside(plan, planned)];
  if (differing.length > 0) throw new ConfigurationConflictError([...new Set(differing.map(subjectOf))]);
  return plan;
}

function stepsBeside(some: ConfigurationPlan, others: ConfigurationPlan): readonly ConfigurationStep[] {
  return some.steps.filter((step) => !others.steps.some((other) => isDeepStrictEqual(step, other)));
}

async function applyStep(
  { users, sessions, secrets, audit }: ConfigurationContext,
  stored: ConfigurationState,
  query: RunQuery,
  step: ConfigurationStep,
  secretValues: SecretValues,
  author: Author,
): Promise<void> {
  const record = (
    action: AuditEvent['action'],
    target: string,
    detail: AuditEvent['detail'],
  ): Promise<void> => audit.append({ ...author, action, target, outcome: 'done', detail }, query);
  switch (step.type) {
    case 'put-role': {
      const { before, after } = step;
      await users.putRole(query, after.name, { permissions: after.permissions, services: after.services });
      const detail = { before: before as Json | undefined, after: after as Json };
      return record(before ? 'role.change' : 'role.create', `role:${after.name}`, detail);
    }
    case 'remove-role':
      await users.removeRole(query, step.before.name);
      return record('role.remove', `role:${step.before.name}`, { before: step.before });
    case 'put-user': {
      const { kind, before, after } = step;
      const known = before && stored.users.byLogin(before.login);
      const id = known?.id ?? (await users.create(query, { ...after, kind, mustChangePassword: false }));
      await users.update(query, id, after);
      if (after.isDisabled) await sessions.endOf(id, 'disabled', query);
      return record(before ? 'user.change' : 'user.create', `user:${after.login}`, { before, after });
    }
    case 'set-secret':
      return secrets.set(step.name, secretValues[step.name] ?? '', author, query);
    case 'clear-secret':
      await secrets.clear(step.name, author, query);
      return;
    case 'change-setting':
      // All of them at once, as one version.
      return;
  }
}

/** As the database has it within the transaction. Who has neither a password nor an identity elsewhere cannot sign in. */
async function requireAdmin(query: RunQuery): Promise<void> {
  const admins = await query(
    `SELECT u.id FROM users u
     WHERE u.kind = 'person' AND NOT u.is_disabled
       AND (u.password_hash IS NOT NULL OR EXISTS (SELECT 1 FROM user_identities i WHERE i.user_id = u.id))
       AND EXISTS (SELECT 1 FROM user_roles r LEFT JOIN roles c ON c.name = r.role
                   WHERE r.user_id = u.id AND (r.role = 'admin' OR 'users:write' = ANY(c.permissions)))
     LIMIT 1`,
  );
  if (admins.length === 0) throw new LastAdminError();
}
