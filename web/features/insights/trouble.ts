import type { InsightJson } from '../../../proto/api/index.ts';

/** What causes and evidence are shown of: an insight, or an answer about a service. `startedUnixMs` to the last of the others is its time. */
export type Trouble = Pick<
  InsightJson,
  'service' | 'rootCauses' | 'startedUnixMs' | 'updatedUnixMs' | 'endedUnixMs'
>;
