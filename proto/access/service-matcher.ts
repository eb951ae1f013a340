import { z } from 'zod';

const pattern = z
  .string()
  .max(200)
  .regex(/^\P{Cc}*$/u, 'expected no control characters')
  .meta({ description: 'the value itself, or with * for any run of characters; without it any value' });

/** Services that a role is for. What is not said may be anything; `*` stands for any run of characters. */
export const serviceMatcher = z.strictObject({
  environment: pattern.optional(),
  namespace: pattern.optional(),
  name: pattern.optional(),
});
export type ServiceMatcher = Readonly<z.output<typeof serviceMatcher>>;

/** Services that whoever asks may see. */
export type VisibleServices = 'all' | readonly ServiceMatcher[];

/** What a role's matcher narrows: all that is about services. */
export const NARROWED = [
  'services:read',
  'traces:read',
  'logs:read',
  'metrics:read',
  'insights:read',
  'insights:judge',
  'alerts:ack',
  'playbooks:approve',
  'copilot:use',
] as const;
/** What cannot be narrowed, and is nothing for a role that is. */
export const NEVER_NARROWED = ['sql:run', 'ingest:write'] as const;
