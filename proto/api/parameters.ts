import { z } from 'zod';

const NANOS_PER: Readonly<Record<string, bigint>> = {
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
};

/**
 * A moment as API clients write it: `now`, `now-15m`, RFC 3339, or Unix time whose unit follows from its number of
 * digits (10 s, 13 ms, 16 µs, 19 ns). Nanoseconds since the epoch.
 */
export function parseMoment(text: string, nowUnixNano: bigint): bigint | undefined {
  const relative = /^now(?:-(\d{1,6})(ms|s|m|h|d))?$/.exec(text);
  if (relative) return nowUnixNano - BigInt(relative[1] ?? 0) * (NANOS_PER[relative[2] ?? 's'] ?? 0n);
  if (/^\d{10}$|^\d{13}$|^\d{16}$|^\d{19}$/.test(text)) return BigInt(text.padEnd(19, '0'));
  return parseRfc3339(text);
}

/** Nanoseconds since the epoch. */
export function parseRfc3339(text: string): bigint | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d:\d\d(?:\.(\d{1,9}))?(?:Z|[+-]\d\d:\d\d)$/.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, fraction = ''] = parts;
  // `Date.parse` takes the 30th of February for a day of March.
  if (Number(day) > daysOf(Number(year), Number(month))) return undefined;
  const millis = Date.parse(fraction === '' ? text : text.replace(`.${fraction}`, ''));
  return Number.isNaN(millis) ? undefined : BigInt(millis) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** Calendars repeat after 400 years; `Date.UTC` takes the years before 100 for others. */
function daysOf(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

const DURATION = /^(\d{1,6}(?:\.\d{1,6})?)(ms|s|m)?$/;

/** `500ms`, `10s`, `1.5m`, or seconds without a unit; as milliseconds. */
export function parseDurationMs(text: string): number | undefined {
  const parts = DURATION.exec(text);
  if (!parts) return undefined;
  return Number(parts[1]) * (parts[2] === 'ms' ? 1 : parts[2] === 'm' ? 60_000 : 1_000);
}

export const moment = z.string().refine((text) => parseMoment(text, 0n) !== undefined, {
  error: 'expected now, now-15m, an RFC 3339 time, or Unix time in s, ms, µs or ns',
});

export const range = {
  from: moment
    .default('now-15m')
    .meta({ description: 'now, now-15m, an RFC 3339 time, or Unix time in s, ms, µs or ns' }),
  to: moment.default('now').meta({ description: 'as `from`; what is at this moment is not in the range' }),
};
export const limit = (usual: number, most: number): z.ZodDefault<z.ZodCoercedNumber> =>
  z.coerce
    .number({ error: `expected a whole number from 1 to ${most}` })
    .int()
    .min(1)
    .max(most)
    .default(usual)
    .meta({ description: 'items of the answer at most' });
export const traceId = z
  .string()
  .regex(/^[0-9a-fA-F]{32}$/, 'expected 32 hexadecimal digits')
  .toLowerCase();
export const text = z.string().max(1_000);
export const service = text
  .optional()
  .meta({ description: 'a service id, as in the answer of /api/v1/services; all services without it' });
export const line = z.string().max(4_000).default('').meta({
  description: 'a search line: service:checkout "time out" -http.route:/health duration>500ms @user.id:42*',
});

export const label = z
  .array(z.string().regex(/^[^=]+=/, 'expected key=value'))
  .max(32)
  .default([])
  .meta({
    description: "key=value, repeated; all must hold. The value is compared with the attribute's text form",
  });

const SPAN = /^(\d{1,6}(?:\.\d{1,6})?)(s|m|h|d)$/;

/** A stretch of time, `30s`, `5m`, `6h` or `14d`, as milliseconds. */
export function parseSpanMs(text: string): number | undefined {
  const parts = SPAN.exec(text);
  return parts ? (Number(parts[1]) * Number(NANOS_PER[parts[2] ?? 's'])) / 1e6 : undefined;
}

export const span = z.string().refine((value) => (parseSpanMs(value) ?? 0) > 0, {
  error: 'expected a duration such as 30s, 5m, 6h or 14d',
});

/** What every question that is answered from windows and archive may say. */
export const runShape = {
  timeout: z
    .string()
    .refine((value) => (parseDurationMs(value) ?? 0) > 0, {
      error: 'expected a duration such as 500ms, 10s or 1m',
    })
    .optional()
    .meta({ description: 'how long the answer may take: 500ms, 10s, 1m; no more than the server allows' }),
};
