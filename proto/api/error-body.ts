import { z } from 'zod';
import { named } from './values.ts';

export const errorBody = named(
  'Error',
  z.object({ error: z.object({ code: z.string(), message: z.string(), cure: z.string().optional() }) }),
  'of every answer that is not 2xx; `code` is from a closed list',
);
export type ErrorBody = z.infer<typeof errorBody>;
