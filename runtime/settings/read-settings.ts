import { DEFAULT_SETTINGS, settings, type Settings } from '../../proto/settings/index.ts';
import { SettingsInvalidError, type SettingProblem } from './settings-error.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Some fields of some groups. */
export type SettingsPatch = Readonly<Record<string, unknown>>;

/** Throws `SettingsInvalidError` that names every path. */
export function parseSettings(value: unknown): Settings {
  const result = settings.safeParse(value);
  if (result.success) return result.data;
  throw new SettingsInvalidError(result.error.issues.flatMap(problemsOf));
}

type Issue = NonNullable<ReturnType<typeof settings.safeParse>['error']>['issues'][number];

function problemsOf(issue: Issue): readonly SettingProblem[] {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') {
    return [{ path: path.join('.') || 'settings', message: issue.message }];
  }
  return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'is no setting' }));
}

/** `base` with the fields of `patch` in their place. Throws `SettingsInvalidError`. */
export function patchSettings(base: Settings, patch: SettingsPatch): Settings {
  const patched = Object.entries(patch).map(([group, fields]) => {
    const isKnown = Object.hasOwn(base, group) && isFields(fields);
    return [group, isKnown ? { ...fieldsOf(base, group), ...fields } : fields] as const;
  });
  // Not by assignment: a group may be called __proto__.
  return parseSettings({ ...base, ...Object.fromEntries(patched) });
}

/**
 * What an older or newer version of the program kept. A field that it does not know any more is left out, one that it
 * does not have yet is as by default; a value that cannot be is an error.
 */
export function readStored(value: unknown): Settings {
  const stored = isFields(value) ? value : {};
  const groups = Object.keys(DEFAULT_SETTINGS).map((group) => {
    const known = Object.keys(fieldsOf(DEFAULT_SETTINGS, group));
    const fields = isFields(stored[group]) ? stored[group] : {};
    return [group, Object.fromEntries(Object.entries(fields).filter(([field]) => known.includes(field)))];
  });
  return parseSettings(Object.fromEntries(groups));
}

function fieldsOf(all: Settings, group: string): Fields {
  return (all as Readonly<Record<string, Fields>>)[group] ?? {};
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
