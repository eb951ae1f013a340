import { describe, expect, it } from 'vitest';
import type { InsightEvidenceJson, InsightJson } from '../../../proto/api/index.ts';
import { comparisonLink, evidenceLinks } from './evidence-links.ts';

const CART = { id: 'prod~shop~cart', environment: 'prod', namespace: 'shop', name: 'cart' };
const INSIGHT = { startedUnixMs: 10_000_000, updatedUnixMs: 10_060_000, endedUnixMs: null } as InsightJson;
const RANGE = 'from=9400000&to=10360000';
const link = (evidence: object): string[] =>
  evidenceLinks({ service: CART, ...evidence } as unknown as InsightEvidenceJson, INSIGHT).map(
    ({ label, href }) => `${label} ${decodeURIComponent(href).replaceAll('+', ' ')}`,
  );

describe('where evidence is looked at', () => {
  it.each([
    [
      { type: 'signal', name: 'errors', operation: 'GET /' },
      [
        `Traces /traces?service=prod~shop~cart&operation=GET /&status=error&${RANGE}`,
        `Service /services/prod~shop~cart?${RANGE}`,
      ],
    ],
    [
      { type: 'signal', name: 'process.cpu.utilization', operation: '' },
      [`Metric /metrics?name=process.cpu.utilization&service=prod~shop~cart&${RANGE}`],
    ],
    [
      { type: 'signal', name: 'errors of calls to postgresql goods', operation: '' },
      [
        `Traces /traces?service=prod~shop~cart&status=error&${RANGE}`,
        `Service /services/prod~shop~cart?${RANGE}`,
      ],
    ],
    [
      { type: 'signal', signal: 'logs', name: 'logs', operation: '', labels: { severity: 'warn' } },
      [`Logs /logs?service=prod~shop~cart&severity=13&${RANGE}`],
    ],
    [
      { type: 'signal', signal: 'logs', name: 'logs', operation: '', labels: { severity: 'unset' } },
      [`Logs /logs?service=prod~shop~cart&${RANGE}`],
    ],
    [
      { type: 'signal', signal: 'requests', name: 'http.server.request.duration count', unit: '1/s' },
      [`Metric /metrics?name=http.server.request.duration&service=prod~shop~cart&${RANGE}`],
    ],
    [
      { type: 'signal', name: 'page count', unit: '{page}' },
      [`Metric /metrics?name=page count&service=prod~shop~cart&${RANGE}`],
    ],
    [{ type: 'signal', name: '', detector: 'silence' }, [`Service /services/prod~shop~cart?${RANGE}`]],
    [
      { type: 'signal', name: 'everything', detector: 'silence' },
      [`Service /services/prod~shop~cart?${RANGE}`],
    ],
    [{ type: 'trace', traceId: 'ab', spanId: 'cd' }, ['Trace /traces/ab?span=cd']],
    [{ type: 'trace', traceId: '', spanId: '' }, []],
    [
      { type: 'log-pattern', template: 'a <x> failed after "<n>" tries' },
      [`Logs /logs?service=prod~shop~cart&q="failed after \\""&${RANGE}`],
    ],
    [
      { type: 'log-pattern', template: 'a <*>', query: 'body:a\\ *' },
      [
        `Logs /logs?service=prod~shop~cart&q=body:a\\ *&${RANGE}`,
        'Tail /tail?kind=logs&service=prod~shop~cart&q=body:a\\ *',
      ],
    ],
    [{ type: 'log-pattern', template: '<x>' }, [`Logs /logs?service=prod~shop~cart&${RANGE}`]],
    [
      { type: 'error', operation: 'GET /' },
      [`Failing traces /traces?service=prod~shop~cart&operation=GET /&status=error&${RANGE}`],
    ],
    [
      { type: 'attribute', field: 'zone a', value: 'b "1"' },
      [`Traces /traces?service=prod~shop~cart&q=zone\\ a:"b \\"1\\""&${RANGE}`],
    ],
    [{ type: 'change' }, [`Service /services/prod~shop~cart?${RANGE}`]],
    [{ type: 'explains', caller: CART }, [`Caller /services/prod~shop~cart?${RANGE}`]],
  ])('%j', (evidence, expected) => {
    expect(link(evidence)).toEqual(expected);
  });

  it('compares the selections that were compared', () => {
    const href = comparisonLink({
      ...{ what: 'failing', selection: 'status:error', baseline: '-status:error', abnormal: 9, normal: 90 },
      ...{
        fromUnixMs: 1_700_000_300_000,
        baselineFromUnixMs: 1_700_000_000_000,
        toUnixMs: 1_700_000_360_000,
      },
    });
    expect(decodeURIComponent(href)).toBe(
      '/traces?q=status:error&facets=1&facet-view=differs&against=-status:error&against-from=1700000000000&from=1700000300000&to=1700000360000',
    );
  });
});
