import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { limit, range, runShape, service as serviceParameter } from './parameters.ts';
import { listOf, named, record, service } from './values.ts';

/** A version that was not there before; a process in the place of another; a further process. */
export const CHANGE_KINDS = ['deploy', 'restart', 'scaling'] as const;

const change = named(
  'ServiceChange',
  record({
    service,
    kind: z.enum(CHANGE_KINDS),
    version: z.string().meta({ description: '`service.version` that was deployed; empty for the others' }),
    instance: z.string().meta({
      description: '`service.instance.id`, or pod, host and process, that was started; empty for a deploy',
    }),
    atUnixMs: z.number().meta({ description: 'when its first span came, Unix time in milliseconds' }),
  }),
);
export type ServiceChangeJson = z.output<typeof change>;

export const CHANGE_ENDPOINTS = [
  endpoint({
    method: 'GET',
    path: '/api/v1/changes',
    tag: 'services',
    needs: 'services:read',
    summary: 'Deploys, restarts and scalings of services, newest first',
    description:
      'Found in the resources of spans: what comes within the first minute of a service, or of the platform, is no change. Kept as long as insights.',
    queryParameters: z.strictObject({
      ...range,
      service: serviceParameter,
      kind: z.enum(CHANGE_KINDS).optional().meta({ description: 'of this kind alone' }),
      limit: limit(200, 1_000),
      ...runShape,
    }),
    answer: named(
      'ServiceChanges',
      record({
        changes: listOf(change),
        more: z.boolean().meta({ description: 'whether the limit cut the list' }),
      }),
    ),
    rows: { key: 'changes', item: change },
    example: '/api/v1/changes?from=now-1d&kind=deploy',
  }),
] as const;
