import type { ApiAnswers, LogPatternJson } from '../../proto/api/index.ts';
import { serviceOf } from './platform-data.ts';

const STEP_MS = 120_000;
const CELLS = 120;
const HOUR_MS = 3_600_000;

function made(name: string, nowMs: number, changes: Partial<LogPatternJson>): LogPatternJson {
  const { id, namespace, environment } = serviceOf(name);
  const values = Array.from({ length: CELLS }, (_, at) => 8 + (at % 5));
  return {
    ...{ id: `of ${changes.template ?? ''}`, service: { id, namespace, name, environment } },
    ...{ template: '', parameters: [], example: '', severity: 'info', isError: false, trend: 'steady' },
    ...{ count: 1_204, share: 0.21, firstSeenUnixMs: nowMs - 30 * HOUR_MS, lastSeenUnixMs: nowMs - 4_000 },
    ...{ recentPerMinute: 5.2, usualPerMinute: 5, periodMs: null, recurs: null, stack: null, query: '' },
    counts: { startUnixMs: nowMs - CELLS * STEP_MS, stepMs: STEP_MS, values },
    ...changes,
  };
}

/** One of each trend, news first, as the platform lists them. */
function all(nowMs: number): readonly LogPatternJson[] {
  return [
    made('payment', nowMs, {
      ...{ template: 'charge of <*> EUR failed: <*>', trend: 'new', severity: 'error', isError: true },
      parameters: [
        { type: 'number', examples: ['12', '99'] },
        { type: 'word', examples: ['timeout'] },
      ],
      example: 'charge of 12 EUR failed: timeout\n    at charge (/srv/pay.js:1:2)',
      query: 'body:charge\\ of\\ *\\ EUR\\ failed\\:\\ *',
      stack: { fingerprint: '00c0ffee00c0ffee', frames: ['pay.js:charge', 'wire.js:send'] },
      ...{ count: 41, share: 0.02, firstSeenUnixMs: nowMs - 400_000 },
      counts: { startUnixMs: nowMs - 4 * STEP_MS, stepMs: STEP_MS, values: [1, 9, 21, 10] },
    }),
    made('cart', nowMs, {
      ...{ template: 'cart of <*> is locked', trend: 'rising', severity: 'warn', recentPerMinute: 60 },
      ...{ example: 'cart of ann is locked', query: 'body:cart\\ of\\ *\\ is\\ locked' },
      parameters: [{ type: 'word', examples: ['ann'] }],
    }),
    made('search', nowMs, {
      ...{
        template: 'index was refreshed',
        trend: 'gone',
        lastSeenUnixMs: nowMs - HOUR_MS,
        recentPerMinute: 0,
      },
      ...{ example: 'index was refreshed', query: 'body:index\\ was\\ refreshed' },
    }),
    made('catalog', nowMs, {
      ...{ template: 'vacuum of <*> done', trend: 'periodic', periodMs: 900_000 },
      recurs: 'every 15 minutes (at :00, :15, :30 and :45)',
      ...{ example: 'vacuum of goods done', query: 'body:vacuum\\ of\\ *\\ done' },
      counts: {
        ...{ startUnixMs: nowMs - CELLS * STEP_MS, stepMs: STEP_MS },
        values: Array.from({ length: CELLS }, (_, at) => (at % 8 === 0 ? 30 : 0)),
      },
    }),
    made('checkout', nowMs, {
      ...{ template: 'order <*> accepted', count: 120_400, share: 0.6, recentPerMinute: 301 },
      ...{ example: 'order 17 accepted', query: 'body:order\\ *\\ accepted' },
      parameters: [{ type: 'number', examples: ['17', '18', '19'] }],
    }),
  ];
}

const SEVERITIES = ['unset', 'debug', 'info', 'warn', 'error'];

export function patternsOfShop(
  asked: URLSearchParams,
  isEmpty: boolean,
  nowMs: number,
): ApiAnswers['/api/v1/logs/patterns'] {
  const wanted = (name: string): string => asked.get(name) ?? '';
  const patterns = (isEmpty ? [] : all(nowMs)).filter(
    ({ service, trend, severity, template }) =>
      ['', service.id].includes(wanted('service')) &&
      ['', trend].includes(wanted('trend')) &&
      SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(wanted('severity')) &&
      template.includes(wanted('text')),
  );
  return {
    patterns,
    count: patterns.length,
    more: false,
    sinceUnixMs: isEmpty ? null : nowMs - 30 * HOUR_MS,
  };
}
