import { describe, expect, it } from 'vitest';
import { curlSpan, recipesFor } from './recipes.ts';

describe('first steps', () => {
  const target = { host: '[::1]', httpPort: 14_318, grpcPort: 14_317 };

  it('point every language at this server', () => {
    const recipes = recipesFor(target);
    expect(recipes.map(({ label }) => label)).toEqual(['Node.js', 'Python', 'Java', '.NET']);
    for (const { steps } of recipes) {
      expect(steps.some(({ code }) => code.includes('OTEL_EXPORTER_OTLP_ENDPOINT=http://[::1]:14318'))).toBe(
        true,
      );
    }
  });

  it('send a span that is valid OTLP/JSON once the shell has filled in the time', () => {
    const command = curlSpan(target, 'ab'.repeat(16), 'cd'.repeat(8));
    const body = /-d \\\n'(.*)'$/s.exec(command)?.[1]?.replaceAll("'$(date +%s)'", '1767225600') ?? '';
    const parsed = JSON.parse(body) as {
      resourceSpans: [{ scopeSpans: [{ spans: [Record<string, unknown>] }] }];
    };
    expect(parsed.resourceSpans[0].scopeSpans[0].spans[0]).toMatchObject({
      traceId: 'ab'.repeat(16),
      startTimeUnixNano: '1767225600000000000',
      endTimeUnixNano: '1767225600042000000',
    });
  });
});
