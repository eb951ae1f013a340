/** Names of OTLP's SpanKind and severity numbers. */
export const SPAN_KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

export const spanKindName = (kind: number): string => SPAN_KINDS[kind] ?? `kind ${kind}`;

export const STATUS_ERROR = 2;

export type SeverityLevel = 'unset' | 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
export const SEVERITY_LEVELS: readonly SeverityLevel[] = [
  'unset',
  'trace',
  'debug',
  'info',
  'warn',
  'error',
  'fatal',
];

/** 1–4 TRACE, 5–8 DEBUG, 9–12 INFO, 13–16 WARN, 17–20 ERROR, 21–24 FATAL; anything else is unset. */
export function severityLevel(severityNumber: number): SeverityLevel {
  if (!(severityNumber >= 1 && severityNumber <= 24)) return 'unset';
  return SEVERITY_LEVELS[Math.ceil(severityNumber / 4)] ?? 'unset';
}

/** What a filter calls "at least". */
export const MIN_SEVERITIES = [
  { value: 1, label: 'Trace' },
  { value: 5, label: 'Debug' },
  { value: 9, label: 'Info' },
  { value: 13, label: 'Warn' },
  { value: 17, label: 'Error' },
  { value: 21, label: 'Fatal' },
] as const;
