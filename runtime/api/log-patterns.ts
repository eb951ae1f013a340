import type { z } from 'zod';
import type { PatternList, PatternListQuery } from '../../actors/insights/index.ts';
import type { QueryRun } from '../../actors/ports/index.ts';
import type { TelemetryEndpoint } from '../../proto/api/index.ts';
import { beforeDeadline } from './before-deadline.ts';
import { serviceFilter } from './parameters.ts';

/** Who knows the patterns: see `PatternListQuery`. */
export type ListPatterns = (query: PatternListQuery) => Promise<PatternList>;

type Wanted = z.output<TelemetryEndpoint<'/api/v1/logs/patterns'>['queryParameters']>;

/** Counted as read from the windows: it is what was made of them. */
export async function answerLogPatterns(
  listPatterns: ListPatterns,
  { service, trend, severity, text, limit }: Wanted,
  run: QueryRun,
): Promise<PatternList> {
  const query: PatternListQuery = {
    visible: run.visible,
    limit,
    ...serviceFilter(service),
    ...(trend && { trend }),
    ...(severity && { severity }),
    ...(text !== undefined && { text }),
  };
  const list = await run.timed('hot', () => beforeDeadline(listPatterns(query), run.signal));
  run.countRead('hot', list.count, 0);
  return list;
}
