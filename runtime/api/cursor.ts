import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { InsightPlace } from '../insights/index.ts';
import type { Arrival, LogPosition, Page, SpanHit, TimeRange } from '../../proto/query/index.ts';
import { ApiError } from './api-error.ts';

/** Raised whenever the shape changes: an older cursor is refused, not misread. */
const VERSION = 1;

const segment = z.int().min(0);
const ordinal = z.int().min(0).max(4_294_967_295);
const nanos = z
  .string()
  .regex(/^\d{1,20}$/)
  .transform(BigInt)
  .pipe(z.bigint().max(2n ** 64n - 1n));
const traceId = z.string().regex(/^[0-9a-f]{32}$/);

const shapes = {
  traces: z.tuple([nanos, traceId]),
  logs: z.tuple([nanos, segment, ordinal]),
  insights: z.tuple([z.int(), z.uuid()]),
} as const;
const envelope = z.tuple([
  z.literal(VERSION),
  z.string(),
  nanos,
  nanos,
  segment,
  ordinal,
  z.array(z.unknown()),
]);

export interface Continued<Position> {
  readonly range: TimeRange;
  readonly page: Page<Position>;
}

/** Of what does not come in segments. */
const NO_ARRIVAL: Arrival = { segment: 0, ordinal: 0 };

interface Paged {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Where the next page begins, as a text that only we read. It belongs to one search. */
export function traceCursor(
  wanted: Paged,
  range: TimeRange,
  asOf: Arrival,
  { startTimeUnixNano, traceId: id }: SpanHit,
): string {
  return encode(wanted, range, asOf, [String(startTimeUnixNano), id]);
}

export function logCursor(wanted: Paged, range: TimeRange, asOf: Arrival, last: LogPosition): string {
  return encode(wanted, range, asOf, [String(last.timeUnixNano), last.segment, last.ordinal]);
}

export function insightCursor(wanted: Paged, range: TimeRange, { detectedMs, id }: InsightPlace): string {
  return encode(wanted, range, NO_ARRIVAL, [detectedMs, id]);
}

export function readInsightCursor(wanted: Paged): Continued<InsightPlace> | undefined {
  return decode(wanted, shapes.insights, ([detectedMs, id]) => ({ detectedMs, id }));
}

export function readTraceCursor(wanted: Paged): Continued<SpanHit> | undefined {
  return decode(wanted, shapes.traces, ([startTimeUnixNano, id]) => ({ startTimeUnixNano, traceId: id }));
}

export function readLogCursor(wanted: Paged): Continued<LogPosition> | undefined {
  return decode(wanted, shapes.logs, ([timeUnixNano, ofSegment, ofOrdinal]) => ({
    timeUnixNano,
    segment: ofSegment,
    ordinal: ofOrdinal,
  }));
}

function encode(wanted: Paged, range: TimeRange, asOf: Arrival, position: readonly unknown[]): string {
  const { fromUnixNano, toUnixNano } = range;
  const content = [
    VERSION,
    searchDigest(wanted),
    String(fromUnixNano),
    String(toUnixNano),
    asOf.segment,
    asOf.ordinal,
    position,
  ];
  return Buffer.from(JSON.stringify(content)).toString('base64url');
}

function decode<Shape extends z.ZodType, Position>(
  wanted: Paged,
  shape: Shape,
  positionOf: (parts: z.output<Shape>) => Position,
): Continued<Position> | undefined {
  if (wanted.cursor === undefined) return undefined;
  const content = envelope.safeParse(parseJson(Buffer.from(wanted.cursor, 'base64url').toString()));
  const position = content.success ? shape.safeParse(content.data[6]) : undefined;
  if (!content.success || position?.success !== true) {
    throw new ApiError(
      'BAD_REQUEST',
      'cursor is none that this version gives out',
      'take it as it stands in nextCursor, or begin without',
    );
  }
  const [, digest, fromUnixNano, toUnixNano, ofSegment, ofOrdinal] = content.data;
  if (digest !== searchDigest(wanted)) {
    throw new ApiError(
      'BAD_REQUEST',
      'cursor belongs to another search',
      'send it with the parameters of the page that it came with; only limit and timeout may change',
    );
  }
  return {
    range: { fromUnixNano, toUnixNano },
    page: {
      limit: wanted.limit,
      asOf: { segment: ofSegment, ordinal: ofOrdinal },
      after: positionOf(position.data),
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Of what is searched for: of the parameters all but those that only say how much of it is wanted at a time. */
function searchDigest(wanted: Paged): string {
  const rest = Object.entries(wanted)
    .filter(([name, value]) => value !== undefined && !['cursor', 'limit', 'timeout'].includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(rest)).digest('base64url').slice(0, 12);
}
