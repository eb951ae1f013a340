import { z } from 'zod';
import { named } from './values.ts';

/** What is answered about the server itself. */
export interface Page {
  readonly summary: string;
  readonly mediaType: 'application/json' | 'text/html';
  /** Of an answer in JSON that has a shape of ours. */
  readonly answer?: z.ZodType;
  /** Besides 200. */
  readonly status?: 503;
}

const health = named('Health', z.object({ status: z.string() }));

export const PAGES = {
  '/healthz': { summary: 'Whether the process answers', mediaType: 'application/json', answer: health },
  '/readyz': {
    summary: 'Whether it is up, with all it needs',
    mediaType: 'application/json',
    answer: health,
    status: 503,
  },
  '/.well-known/jwks.json': {
    summary: 'Public keys by which access tokens are checked (RFC 7517)',
    mediaType: 'application/json',
    answer: named('Keys', z.object({ keys: z.array(z.record(z.string(), z.unknown())) })),
  },
  '/api/openapi.json': { summary: 'This description', mediaType: 'application/json' },
  '/api/docs': { summary: 'This description, to be read', mediaType: 'text/html' },
} as const satisfies Readonly<Record<string, Page>>;

export type PagePath = keyof typeof PAGES;
