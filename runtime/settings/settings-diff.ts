import { isDeepStrictEqual } from 'node:util';
import type { Settings } from '../../proto/settings/index.ts';
import type { Json } from '../audit/index.ts';

export interface SettingDifference {
  /** `oidc.issuer`. */
  readonly path: string;
  readonly before: Json;
  readonly after: Json;
}

/** In the order of the schema. */
export function settingsDiff(before: Settings, after: Settings): readonly SettingDifference[] {
  const earlier = new Map(fieldsOf(before));
  return fieldsOf(after).flatMap(([path, value]) => {
    const was = earlier.get(path) ?? null;
    return isDeepStrictEqual(was, value) ? [] : [{ path, before: was, after: value }];
  });
}

function fieldsOf(settings: Settings): readonly (readonly [string, Json])[] {
  return Object.entries(settings).flatMap(([group, fields]) =>
    Object.entries(fields as Readonly<Record<string, Json>>).map(
      ([field, value]) => [`${group}.${field}`, value] as const,
    ),
  );
}
