import { parse, stringify, YAMLParseError } from 'yaml';
import { configuration, type Configuration } from '../../proto/settings/index.ts';
import { SettingsInvalidError } from '../settings/index.ts';

export function writeConfiguration(file: Configuration): string {
  return stringify(file, { lineWidth: 120, aliasDuplicateObjects: false });
}

/** Throws `SettingsInvalidError`. */
export function readConfiguration(text: string): Configuration {
  let value: unknown;
  try {
    // Aliases that unfold to more than the file holds are no configuration.
    value = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    const reason = error instanceof YAMLParseError ? error.message.split('\n', 1)[0] : String(error);
    throw new SettingsInvalidError([{ path: 'file', message: `is not YAML: ${reason ?? ''}` }]);
  }
  return parseConfiguration(value);
}

/** Throws `SettingsInvalidError` that names every path. */
export function parseConfiguration(value: unknown): Configuration {
  const result = configuration.safeParse(value);
  if (result.success) return result.data;
  throw new SettingsInvalidError(
    result.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.') || 'file', message })),
  );
}
