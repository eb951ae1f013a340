import type { ControlDatabase } from './control-database.ts';

/** What a user may do with a table that is not its to do everything with. */
const NARROW_RIGHTS: Readonly<Record<string, string>> = {
  schema_migrations: 'SELECT',
  installation: 'SELECT',
  audit_log: 'SELECT, INSERT',
  audit_head: 'SELECT, UPDATE',
  audit_cut: 'SELECT',
  settings_versions: 'SELECT, INSERT',
};

/** The user of the platform could still change the audit log. */
export class RightsTooWideError extends Error {
  readonly code = 'CONFIG_INVALID';

  constructor(user: string) {
    super(
      `${user}, the user of OPHION_POSTGRES_URL, may still change the audit log (it is a superuser, or a member of what may): take a user without such rights, or leave OPHION_POSTGRES_OWNER_URL out`,
    );
    this.name = 'RightsTooWideError';
  }
}

/**
 * Gives the user that `app` is connected as what the platform needs, and no more: it can neither change nor remove what
 * is on record. Nothing when it owns the tables itself.
 */
export async function grantRights(owner: ControlDatabase, app: ControlDatabase): Promise<void> {
  const user = await identity(app);
  if (user.name === (await identity(owner)).name) return;
  const { schema } = await identity(owner);
  await owner.transaction(async (query) => {
    await query(`GRANT USAGE ON SCHEMA ${schema} TO ${user.name}`);
    await query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${user.name}`);
    for (const [table, rights] of Object.entries(NARROW_RIGHTS)) {
      await query(`REVOKE ALL ON ${schema}.${table} FROM ${user.name}`);
      await query(`GRANT ${rights} ON ${schema}.${table} TO ${user.name}`);
    }
    await query(`GRANT EXECUTE ON FUNCTION ${schema}.prune_audit_log(timestamptz) TO ${user.name}`);
  });
  if (await mayChangeAuditLog(app)) throw new RightsTooWideError(user.name);
}

/** Whether the user that `app` is connected as could change what is on record, once it took the triggers away. */
export async function mayChangeAuditLog(app: ControlDatabase): Promise<boolean> {
  const [may] = await app.query<{ change: boolean }>(
    `SELECT has_table_privilege('audit_log', 'UPDATE, DELETE, TRUNCATE, TRIGGER') AS change`,
  );
  return may?.change === true;
}

/** Quoted, as parts of a statement. */
async function identity({
  query,
}: ControlDatabase): Promise<{ readonly name: string; readonly schema: string }> {
  const [row] = await query<{ name: string; schema: string }>(
    'SELECT quote_ident(current_user) AS name, quote_ident(current_schema()) AS schema',
  );
  if (!row) throw new Error('the database does not say who we are');
  return row;
}
