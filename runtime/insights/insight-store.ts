import type { InsightStore, SeriesFeedback, Verdicts } from '../../actors/ports/index.ts';
import type { VisibleServices } from '../../proto/access/index.ts';
import {
  INSIGHT_SEVERITIES,
  type FeedbackVerdict,
  type InsightJson,
  type JudgedInsightJson,
} from '../../proto/api/index.ts';
import { visibilityTest } from '../../workers/search/index.ts';
import type { AuditLog } from '../audit/index.ts';
import type { ControlDatabase, RunQuery } from '../storage/postgres/index.ts';
import { visibleIds } from '../../workers/search/index.ts';

/** Which insights; times are Unix ms. */
export interface InsightFilter {
  /** Those that held at some time from then on … */
  readonly fromMs: number;
  /** … and before then. */
  readonly toMs: number;
  /** Affected, by id. */
  readonly service?: string;
  readonly kind?: InsightJson['kind'];
  readonly state?: InsightJson['state'];
  /** At least. */
  readonly severity?: InsightJson['severity'];
}

/** The place of an insight in the order of lists: it stays the same, whatever happens to it. */
export interface InsightPlace {
  readonly detectedMs: number;
  readonly id: string;
}

/** Whoever asks: their own verdict is told, and what they may see. */
export interface InsightReader {
  readonly userId: string;
  readonly visible: VisibleServices;
}

export type InsightFeedback = JudgedInsightJson['feedback'];

export interface JudgedInsight {
  readonly insight: InsightJson;
  readonly feedback: InsightFeedback;
  /** Characters that were read. */
  readonly size: number;
}

export interface Author {
  /** As the audit log has it. */
  readonly actor: string;
  readonly address: string;
}

interface VerdictsRow {
  readonly useful: number;
  readonly not_useful: number;
}

interface JudgedRow extends VerdictsRow {
  readonly value: string;
  readonly mine: FeedbackVerdict | null;
}

const DAY_MS = 86_400_000;
/** However many there are in the time they are kept for: the oldest that are over go. */
const MOST_INSIGHTS = 100_000;
/** Of the verdicts `f`. */
const VERDICTS = `count(*) FILTER (WHERE f.verdict = 'useful')::integer AS useful,
  count(*) FILTER (WHERE f.verdict = 'not-useful')::integer AS not_useful`;
/** Within the range, and of what is asked for; `$1` to `$7`. */
const WANTED = `i.started_at < $2 AND (i.ended_at IS NULL OR i.ended_at >= $1)
  AND ($3::text IS NULL OR i.kind = $3) AND i.severity >= $4
  AND ($5::boolean IS NULL OR (i.ended_at IS NULL) = $5)
  AND ($6::text IS NULL OR $6 = ANY (i.services)) AND ($7::text[] IS NULL OR i.service = ANY ($7))`;
/** Of the insight `i`. `user`: the parameter that says who asks. */
const feedbackColumns = (
  user: '$2' | '$8',
): string => `(SELECT count(*)::integer FROM insight_feedback f WHERE f.insight_id = i.id AND f.verdict = 'useful') AS useful,
  (SELECT count(*)::integer FROM insight_feedback f WHERE f.insight_id = i.id AND f.verdict = 'not-useful') AS not_useful,
  (SELECT f.verdict FROM insight_feedback f WHERE f.insight_id = i.id AND f.user_id = ${user}) AS mine`;

/** Insights in Postgres, and what people said of them. Rejects with `StorageUnavailableError` when it cannot be reached. */
export class PostgresInsightStore implements InsightStore {
  private readonly database: ControlDatabase;
  private readonly audit: Pick<AuditLog, 'append'>;
  private readonly now: () => number;

  constructor(database: ControlDatabase, audit: Pick<AuditLog, 'append'>, now: () => number = Date.now) {
    this.database = database;
    this.audit = audit;
    this.now = now;
  }

  async readOpen(): Promise<readonly InsightJson[]> {
    const rows = await this.database.query<{ value: string }>(
      'SELECT value FROM insights WHERE ended_at IS NULL ORDER BY detected_at, id',
    );
    return rows.map(({ value }) => JSON.parse(value) as InsightJson);
  }

  async save(insights: readonly InsightJson[]): Promise<void> {
    if (insights.length === 0) return;
    await this.database.transaction(async (query) => {
      for (const insight of insights) await write(query, insight);
    });
  }

  async readFeedback(): Promise<readonly SeriesFeedback[]> {
    const rows = await this.database.query<VerdictsRow & { series_keys: string }>(
      `SELECT i.series_keys, ${VERDICTS} FROM insight_feedback f JOIN insights i ON i.id = f.insight_id GROUP BY i.id ORDER BY i.id`,
    );
    const series = new Map<string, SeriesFeedback>();
    for (const row of rows) {
      for (const seriesKey of JSON.parse(row.series_keys) as readonly string[]) {
        const known = series.get(seriesKey) ?? { seriesKey, useful: 0, notUseful: 0 };
        series.set(seriesKey, {
          seriesKey,
          useful: known.useful + row.useful,
          notUseful: known.notUseful + row.not_useful,
        });
      }
    }
    return [...series.values()];
  }

  /** Newest first, from after a place on; those alone whose service the reader may see, with all that they say. */
  async list(
    filter: InsightFilter,
    { limit, after }: { readonly limit: number; readonly after?: InsightPlace },
    reader: InsightReader,
  ): Promise<readonly JudgedInsight[]> {
    const rows = await this.database.query<JudgedRow>(
      `SELECT i.value, ${feedbackColumns('$8')} FROM insights i
       WHERE ${WANTED} AND ($9::timestamptz IS NULL OR (i.detected_at, i.id) < ($9, $10::uuid))
       ORDER BY i.detected_at DESC, i.id DESC LIMIT $11`,
      [
        ...(await this.wanted(filter, reader.visible)),
        reader.userId,
        after ? new Date(after.detectedMs) : null,
        after?.id ?? null,
        limit,
      ],
    );
    return rows.map(judged);
  }

  async readVerdicts(): Promise<Verdicts> {
    const [row] = await this.database.query<VerdictsRow>(`SELECT ${VERDICTS} FROM insight_feedback f`, []);
    return verdictsOf(row);
  }

  /** Feedback of all people on insights that `list` would show: how often what was said was worth saying. */
  async precision(filter: InsightFilter, visible: VisibleServices): Promise<Verdicts> {
    const [row] = await this.database.query<VerdictsRow>(
      `SELECT ${VERDICTS} FROM insight_feedback f JOIN insights i ON i.id = f.insight_id WHERE ${WANTED}`,
      await this.wanted(filter, visible),
    );
    return verdictsOf(row);
  }

  /** `undefined` when there is none, or its service is hidden. */
  async one(id: string, reader: InsightReader): Promise<JudgedInsight | undefined> {
    return this.readOne(this.database.query, id, reader);
  }

  /**
   * Puts on record what somebody says of an insight, in the place of what they said before; null takes it back. Resolves with
   * all that is said of it; `undefined` when there is no such insight, or its service is hidden.
   */
  async judge(
    id: string,
    verdict: FeedbackVerdict | null,
    reader: InsightReader,
    author: Author,
  ): Promise<InsightFeedback | undefined> {
    return this.database.transaction(async (query) => {
      // Two verdicts of one person at a time: each is told of the one before it.
      await query('SELECT 1 FROM insights WHERE id = $1 FOR UPDATE', [id]);
      const before = await this.readOne(query, id, reader);
      if (!before || before.feedback.mine === verdict) return before?.feedback;
      await (verdict === null
        ? query('DELETE FROM insight_feedback WHERE insight_id = $1 AND user_id = $2', [id, reader.userId])
        : query(
            `INSERT INTO insight_feedback (insight_id, user_id, verdict, given_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (insight_id, user_id) DO UPDATE SET verdict = $3, given_at = $4`,
            [id, reader.userId, verdict, new Date(this.now())],
          ));
      await this.audit.append(
        {
          ...author,
          action: 'insight.judge',
          target: `insight:${id}`,
          outcome: 'done',
          detail: { before: before.feedback.mine, after: verdict },
        },
        query,
      );
      return (await this.readOne(query, id, reader))?.feedback;
    });
  }

  /**
   * Removes those that have been over for so many days, with what was said of them, and the oldest that are over where there are too
   * many. Resolves with how many went.
   */
  async prune(retentionDays: number): Promise<number> {
    const aged = await this.database.query('DELETE FROM insights WHERE ended_at < $1 RETURNING id', [
      new Date(this.now() - retentionDays * DAY_MS),
    ]);
    const surplus = await this.database.query(
      `DELETE FROM insights WHERE ended_at IS NOT NULL AND (detected_at, id) <=
         (SELECT detected_at, id FROM insights ORDER BY detected_at DESC, id DESC OFFSET ${MOST_INSIGHTS} LIMIT 1)
       RETURNING id`,
    );
    return aged.length + surplus.length;
  }

  private async readOne(
    query: RunQuery,
    id: string,
    { userId, visible }: InsightReader,
  ): Promise<JudgedInsight | undefined> {
    const [row] = await query<JudgedRow>(
      `SELECT i.value, ${feedbackColumns('$2')} FROM insights i WHERE i.id = $1`,
      [id, userId],
    );
    if (!row) return undefined;
    const found = judged(row);
    return visible === 'all' || visibilityTest(visible)(found.insight.service) ? found : undefined;
  }

  private async wanted(filter: InsightFilter, visible: VisibleServices): Promise<readonly unknown[]> {
    const { fromMs, toMs, kind, severity = 'info', state, service } = filter;
    const isVisible = visibleIds(visible);
    // Whoever may not see a service is not told whom it affects.
    const isHidden = service !== undefined && !isVisible(service);
    return [
      new Date(fromMs),
      new Date(toMs),
      kind ?? null,
      INSIGHT_SEVERITIES.indexOf(severity),
      state === undefined ? null : state === 'open',
      service ?? null,
      isHidden ? [] : visible === 'all' ? null : await this.knownServices(isVisible),
    ];
  }

  private async knownServices(isVisible: (id: string) => boolean): Promise<readonly string[]> {
    const rows = await this.database.query<{ service: string }>('SELECT DISTINCT service FROM insights');
    return rows.map(({ service }) => service).filter(isVisible);
  }
}

function verdictsOf(row: VerdictsRow | undefined): Verdicts {
  return { useful: row?.useful ?? 0, notUseful: row?.not_useful ?? 0 };
}

async function write(query: RunQuery, insight: InsightJson): Promise<void> {
  const { id, kind, severity, service, services, state, endedUnixMs, updatedUnixMs } = insight;
  const endedMs = state === 'open' ? undefined : (endedUnixMs ?? updatedUnixMs);
  await query(
    `INSERT INTO insights (id, kind, severity, service, services, started_at, detected_at, ended_at, series_keys, value)
     VALUES ($1, $2, $3, $4, $5::text[], $6, $7, $8, $9, $10)
     ON CONFLICT (id) DO UPDATE SET kind = $2, severity = $3, service = $4, services = $5::text[], started_at = $6,
       detected_at = $7, ended_at = $8, series_keys = $9, value = $10`,
    [
      ...[id, kind, INSIGHT_SEVERITIES.indexOf(severity), service.id],
      [...new Set([service.id, ...services.map((one) => one.id)])],
      new Date(insight.startedUnixMs),
      new Date(insight.detectedUnixMs),
      endedMs === undefined ? null : new Date(endedMs),
      JSON.stringify(seriesKeysOf(insight)),
      JSON.stringify(insight),
    ],
  );
}

function seriesKeysOf({ evidence }: InsightJson): readonly string[] {
  const keys = evidence.map((one) => ('seriesKey' in one ? one.seriesKey : undefined));
  return [...new Set(keys.filter((key) => key !== undefined))];
}

function judged({ value, useful, not_useful: notUseful, mine }: JudgedRow): JudgedInsight {
  const insight = JSON.parse(value) as InsightJson;
  return { insight, feedback: { useful, notUseful, mine }, size: value.length };
}
