import { readFile } from 'node:fs/promises';
import { parse, YAMLParseError } from 'yaml';
import { SETTINGS, type Config, type Setting, type SettingKey } from './settings.ts';

export class ConfigError extends Error {
  readonly code = 'CONFIG_INVALID';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConfigError';
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The complete configuration: environment before file before default. `OPHION_CONFIG` names the file; without it,
 * `ophion.yaml` in the working directory is read if it is there. Rejects with a `ConfigError` that names the first
 * wrong setting, its value (unless secret) and what was expected.
 */
export async function readConfig(environment: Environment): Promise<Config> {
  // As with all others, an empty variable is none.
  const named = environment['OPHION_CONFIG'] === '' ? undefined : environment['OPHION_CONFIG'];
  const path = named ?? 'ophion.yaml';
  return configFrom(environment, await readFileValues(path, named !== undefined), path);
}

/** As `readConfig`, from what was read. */
export function configFrom(
  environment: Environment,
  fileValues: Readonly<Record<string, unknown>>,
  path: string,
): Config {
  const unknown = Object.keys(fileValues).find((key) => !Object.hasOwn(SETTINGS, key));
  if (unknown !== undefined) {
    throw new ConfigError(
      `${path} has "${unknown}", which is no setting: expected one of ${Object.keys(SETTINGS).join(', ')}`,
    );
  }
  const entries = Object.entries(SETTINGS as Readonly<Record<string, Setting>>).map(([key, setting]) => {
    // An empty variable is how shells and compose files say "not set".
    const fromEnvironment = environment[setting.name] === '' ? undefined : environment[setting.name];
    const given = fromEnvironment ?? fileValues[key];
    const where = fromEnvironment === undefined && given !== undefined ? `${key} in ${path}` : setting.name;
    const result = setting.schema.safeParse(given ?? setting.fallback);
    if (result.success) return [key, result.data];
    const shown = setting.secret === true ? '(not shown)' : JSON.stringify(given);
    throw new ConfigError(
      `${where} is ${shown}: expected ${result.error.issues[0]?.message ?? 'another value'}`,
    );
  });
  return Object.freeze(Object.fromEntries(entries) as Config);
}

async function readFileValues(path: string, required: boolean): Promise<Readonly<Record<string, unknown>>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (!required && (error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new ConfigError(`the configuration file ${path} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
  let values: unknown;
  try {
    values = parse(text) ?? {};
  } catch (error) {
    const reason = error instanceof YAMLParseError ? error.message : String(error);
    throw new ConfigError(`${path} is not YAML: ${reason}`, { cause: error });
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw new ConfigError(
      `${path} holds ${Array.isArray(values) ? 'a list' : typeof values}: expected settings`,
    );
  }
  return values as Readonly<Record<string, unknown>>;
}

/** For `--help` and the README: one setting a row. */
export function settingRows(): readonly { name: string; key: SettingKey; fallback: string; help: string }[] {
  return Object.entries(SETTINGS as Readonly<Record<SettingKey, Setting>>).map(([key, setting]) => ({
    name: setting.name,
    key: key as SettingKey,
    fallback: setting.fallback ?? '',
    help: setting.help,
  }));
}
