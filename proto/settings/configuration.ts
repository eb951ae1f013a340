import { z } from 'zod';
import { ALL_PERMISSIONS, serviceMatcher } from '../access/index.ts';
import { SECRET_NAMES } from './secrets.ts';

const name = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\s\p{C}/:]+$/u, { error: 'expected no spaces, slashes or colons' });
const roleNames = z.array(name).max(50);

const configuredRole = z.strictObject({
  name,
  permissions: z.array(z.enum(ALL_PERMISSIONS)),
  services: z.array(serviceMatcher).min(1).max(100).optional(),
});
export type ConfiguredRole = z.output<typeof configuredRole>;

const configuredUser = z.strictObject({
  login: name,
  /** Without it as it is; of a new one empty. */
  name: z.string().max(200).optional(),
  roles: roleNames,
  /** Without it as it is; of a new one false. */
  isDisabled: z.boolean().optional(),
});
export type ConfiguredUser = z.output<typeof configuredUser>;

const configuredSecret = z.union(
  [
    z.enum(['set', 'unset']),
    z.strictObject({ fromFile: z.string().min(1) }),
    z.strictObject({ fromEnvironment: z.string().min(1) }),
  ],
  { error: 'expected set, unset, fromFile or fromEnvironment' },
);

/**
 * All that is configured while the platform runs, as a file. What it does not name stays as it is, but for roles: those
 * it leaves out of its list are removed.
 */
export const configuration = z.strictObject({
  version: z.literal(1),
  settings: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  /** Never a value: `set` and `unset` say how it is, the others where who applies the file reads it. */
  secrets: z.partialRecord(z.enum(SECRET_NAMES), configuredSecret).default({}),
  roles: z.array(configuredRole).optional(),
  users: z.array(configuredUser).default([]),
  serviceAccounts: z.array(configuredUser).default([]),
});
export type Configuration = z.output<typeof configuration>;
