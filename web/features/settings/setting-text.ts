import type { SettingKind } from './setting-fields.ts';

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** A setting as it stands in its field. */
export function textOfSetting(kind: SettingKind, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (kind === 'lines') return (value as readonly string[]).join('\n');
  if (kind !== 'roles') return typeof value === 'string' ? value : JSON.stringify(value);
  return Object.entries(value as Readonly<Record<string, readonly string[]>>)
    .map(([group, roles]) => `${group}: ${roles.join(', ')}`)
    .join('\n');
}

/** What a field says, as the API wants it; what cannot be read is passed on for the API to refuse. */
export function settingOfText(kind: SettingKind, text: string): unknown {
  const trimmed = text.trim();
  switch (kind) {
    case 'switch':
      return text === 'true';
    case 'optional-text':
      return trimmed === '' ? null : trimmed;
    case 'number':
      return numberOf(trimmed);
    case 'optional-number':
      return trimmed === '' ? null : numberOf(trimmed);
    case 'lines':
      return lines(text);
    case 'roles':
      return Object.fromEntries(lines(text).map(groupOf));
    default:
      return kind === 'text' ? trimmed : text;
  }
}

function numberOf(text: string): number | string {
  const value = Number(text);
  return text !== '' && Number.isFinite(value) ? value : text;
}

/** Names of groups may hold colons (`urn:…`); those of roles do not. */
function groupOf(line: string): [group: string, roles: string[]] {
  const at = line.lastIndexOf(':');
  const group = at < 0 ? line : line.slice(0, at);
  const roles = at < 0 ? '' : line.slice(at + 1);
  return [
    group.trim(),
    roles
      .split(',')
      .map((role) => role.trim())
      .filter((role) => role !== ''),
  ];
}
