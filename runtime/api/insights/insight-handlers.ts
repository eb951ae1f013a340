import type { z } from 'zod';
import { insightView } from '../../../actors/insight-view/index.ts';
import type { QueryRun } from '../../../actors/ports/index.ts';
import type {
  BodyOf,
  Endpoint,
  INSIGHT_ENDPOINTS,
  JudgedInsightJson,
  KeyOf,
  PathParametersOf,
} from '../../../proto/api/index.ts';
import { serviceIdOf } from '../../../proto/columns/index.ts';
import type { TimeRange } from '../../../proto/query/index.ts';
import type { Admitted } from '../../doors/index.ts';
import type {
  InsightFilter,
  InsightReader,
  JudgedInsight,
  PostgresInsightStore,
} from '../../insights/index.ts';
import { askerOf, foundOr } from '../access/index.ts';
import { beforeDeadline } from '../before-deadline.ts';
import { insightCursor, readInsightCursor } from '../cursor.ts';
import { rangeOf, serviceOf } from '../parameters.ts';

export interface InsightContext {
  readonly insights: PostgresInsightStore;
  readonly nowUnixNano: () => bigint;
}

interface InsightRequest<E extends Endpoint> {
  readonly path: PathParametersOf<E>;
  readonly query: z.output<E['queryParameters']>;
  readonly body: BodyOf<E>;
  readonly run: QueryRun;
  readonly admitted: Admitted;
}

type InsightHandlers<Table extends readonly Endpoint[]> = {
  readonly [E in Table[number] as KeyOf<E>]: (
    context: InsightContext,
    request: InsightRequest<E>,
  ) => Promise<z.output<E['answer']>>;
};

export const INSIGHT_HANDLERS: InsightHandlers<typeof INSIGHT_ENDPOINTS> = {
  'GET /api/v1/insights': async ({ insights, nowUnixNano }, request) => {
    const { query, run } = request;
    const { range, page } = readInsightCursor(query) ?? {
      range: rangeOf(query, nowUnixNano()),
      page: { limit: query.limit },
    };
    const filter = filterOf(query, range);
    const reader = readerOf(request);
    const [found, precision] = await ask(run, () =>
      Promise.all([
        insights.list(filter, { ...page, limit: page.limit + 1 }, reader),
        insights.precision(filter, run.visible),
      ]),
    );
    const shown = found.slice(0, page.limit);
    const last = shown.at(-1)?.insight;
    const place = last && { detectedMs: Math.trunc(last.detectedUnixMs), id: last.id };
    return {
      insights: seen(shown, run),
      nextCursor: place && found.length > shown.length ? insightCursor(query, range, place) : null,
      precision,
    };
  },

  'GET /api/v1/insights/:insightId': async ({ insights }, request) => {
    const { path, run } = request;
    const found = await ask(run, () => insights.one(path.insightId, readerOf(request)));
    return foundOr(seen(found ? [found] : [], run)[0], 'insight');
  },

  'PUT /api/v1/insights/:insightId/feedback': async ({ insights }, request) => {
    const { path, body } = request;
    const { actor, address } = askerOf(request);
    const author = { actor, address };
    return foundOr(await insights.judge(path.insightId, body.verdict, readerOf(request), author), 'insight');
  },
};

type Wanted = InsightRequest<(typeof INSIGHT_ENDPOINTS)[0]>['query'];

function filterOf(
  { kind, state, severity, service }: Wanted,
  { fromUnixNano, toUnixNano }: TimeRange,
): InsightFilter {
  return {
    fromMs: Number(fromUnixNano / 1_000_000n),
    toMs: Number(toUnixNano / 1_000_000n),
    ...(kind && { kind }),
    ...(state && { state }),
    ...(severity && { severity }),
    ...(service !== undefined && service !== '' && { service: serviceIdOf(serviceOf(service)) }),
  };
}

function readerOf(request: Pick<InsightRequest<Endpoint>, 'run' | 'admitted'>): InsightReader {
  return { userId: askerOf(request).principal.userId, visible: request.run.visible };
}

function ask<T>(run: QueryRun, work: () => Promise<T>): Promise<T> {
  return run.timed('insights', () => beforeDeadline(work(), run.signal));
}

/** Counted as read from the archive: it is what is kept of them. */
function seen(found: readonly JudgedInsight[], run: QueryRun): JudgedInsightJson[] {
  run.countRead(
    'cold',
    found.length,
    found.reduce((bytes, { size }) => bytes + size, 0),
  );
  const view = insightView(run.visible);
  return found.flatMap(({ insight, feedback }) => {
    const visible = view(insight);
    return visible ? [{ ...visible, feedback }] : [];
  });
}
