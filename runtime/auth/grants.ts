import {
  NARROWED,
  NEVER_NARROWED,
  type Permission,
  type ServiceMatcher,
  type VisibleServices,
} from '../../proto/access/index.ts';

/** What one role allows. */
export interface Grant {
  readonly permissions: readonly Permission[];
  /** Services that what it lets one read is for; without it all. */
  readonly services: readonly ServiceMatcher[] | undefined;
}

/** What somebody may do, all roles together. */
export interface Grants {
  readonly permissions: ReadonlySet<Permission>;
  /** Of each permission that is for some services alone. */
  readonly narrowed: ReadonlyMap<Permission, readonly ServiceMatcher[]>;
}

const NARROWS: ReadonlySet<string> = new Set(NARROWED);
const NEVER: ReadonlySet<string> = new Set(NEVER_NARROWED);

/**
 * A permission counts for what any of the roles allows it for. SQL reads all services: it is for those alone whose reading is
 * narrowed nowhere.
 */
export function sumGrants(grants: readonly Grant[]): Grants {
  const permissions = new Set<Permission>();
  const narrowed = new Map<Permission, readonly ServiceMatcher[]>();
  const whole = new Set<Permission>();
  for (const { permissions: ofRole, services } of grants) {
    for (const permission of ofRole) {
      if (services !== undefined && NEVER.has(permission)) continue;
      permissions.add(permission);
      if (services === undefined || !NARROWS.has(permission)) whole.add(permission);
      else narrowed.set(permission, [...(narrowed.get(permission) ?? []), ...services]);
    }
  }
  for (const permission of whole) narrowed.delete(permission);
  if (narrowed.size > 0) permissions.delete('sql:run');
  return { permissions, narrowed };
}

/** Services that whoever has these may see by this permission; none without it. */
export function visibleBy({ permissions, narrowed }: Grants, permission: Permission): VisibleServices {
  if (!permissions.has(permission)) return [];
  return narrowed.get(permission) ?? 'all';
}

/** Whether who has `own` may hand out `wanted`: nobody gives what they do not have. */
export function covers(own: Grants, wanted: Grants): boolean {
  return [...wanted.permissions].every((permission) => {
    if (!own.permissions.has(permission)) return false;
    const mine = own.narrowed.get(permission);
    if (mine === undefined) return true;
    const theirs = wanted.narrowed.get(permission);
    return theirs?.every((matcher) => mine.some((wider) => coversMatcher(wider, matcher))) ?? false;
  });
}

/** Errs towards no: a pattern covers another only when it is the same, is for everything, or matches a plain text. */
function coversMatcher(wider: ServiceMatcher, narrower: ServiceMatcher): boolean {
  return (['environment', 'namespace', 'name'] as const).every((part) => {
    const [pattern, text] = [wider[part], narrower[part]];
    if (pattern === undefined || pattern === '*' || pattern === text) return true;
    return text !== undefined && !text.includes('*') && matchesText(pattern, text);
  });
}

function matchesText(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return text === pattern;
  if (!text.startsWith(first)) return false;
  const last = rest.pop() ?? '';
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - at >= last.length && text.endsWith(last);
}
