import { describe, expect, it } from 'vitest';
import { curlSpan, isLoopback, recipesFor } from './recipes.ts';

describe('first steps', () => {
  const target = { host: '[::1]', httpPort: 14_318, grpcPort: 14_317, tls: false, needsKey: false };

  it('point every language at this server', () => {
    const recipes = recipesFor(target);
    expect(recipes.map(({ label }) => label)).toEqual(['Node.js', 'Python', 'Java', '.NET']);
    for (const { steps } of recipes) {
      expect(steps.some(({ code }) => code.includes('OTEL_EXPORTER_OTLP_ENDPOINT=http://[::1]:14318'))).toBe(
        true,
      );
    }
  });

  it('speak TLS and carry a key where the server asks for that', () => {
    const strict = { ...target, host: 'ophion.example', tls: true, needsKey: true };
    for (const { steps } of recipesFor(strict)) {
      const code = steps.map((step) => step.code).join('\n');
      expect(code).toContain('export OTEL_EXPORTER_OTLP_ENDPOINT=https://ophion.example:14318\n');
      expect(code).toContain('export OTEL_EXPORTER_OTLP_HEADERS=x-ophion-key=YOUR_API_KEY');
    }
    expect(curlSpan(strict, 'ab'.repeat(16), 'cd'.repeat(8))).toMatch(
      /^curl https:\/\/ophion\.example:14318\/v1\/traces .* -H 'x-ophion-key: YOUR_API_KEY' -d/,
    );
    for (const { steps } of recipesFor(target)) {
      expect(steps.map(({ code }) => code).join('\n')).not.toContain('KEY');
    }
    expect(curlSpan(target, 'ab'.repeat(16), 'cd'.repeat(8))).not.toContain('KEY');
  });

  it('install .NET’s instrumentation also where its installer has no gh to verify with', () => {
    const dotnet = recipesFor(target).find(({ id }) => id === 'dotnet');
    expect(dotnet?.steps[0]?.code).toMatch(
      /SKIP_RELEASE_VERIFICATION=true\nsh \.\/otel-dotnet-auto-install\.sh$/,
    );
  });

  it('know this machine from others', () => {
    expect(
      ['localhost', 'shop.localhost', '127.0.0.1', '127.1.2.3', '[::1]'].filter(isLoopback),
    ).toHaveLength(5);
    expect(['ophion.example', '10.0.0.1', '127.0.0.1.example', 'localhost.example'].some(isLoopback)).toBe(
      false,
    );
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
