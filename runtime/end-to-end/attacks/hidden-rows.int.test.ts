import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { StatusJson } from '../../../proto/api/index.ts';
import { readApi } from '../test-platform.ts';
import { startAttackedPlatform, type AttackedPlatform } from './attacked-platform.ts';

const SPANS = 500;
const OWN = 'a'.repeat(32);
const HIDDEN = 'b'.repeat(32);
const UNKNOWN = 'c'.repeat(32);

let attacked: AttackedPlatform;
let some: string;

beforeAll(async () => {
  attacked = await startAttackedPlatform({ OPHION_ARCHIVE_MAX_AGE_SECONDS: '1' });
  const { token } = await attacked.somebody('cart-only', {
    'cart-only': {
      permissions: ['services:read', 'traces:read', 'logs:read', 'metrics:read'],
      services: [{ name: 'cart' }],
    },
  });
  some = token;
  await send('cart', OWN);
  await send('hidden', HIDDEN);
  await vi.waitFor(
    async () => {
      const { archivedThrough, segment } = await readApi<StatusJson>(attacked.platform, '/api/v1/status');
      expect(archivedThrough).toBeGreaterThan(0);
      expect(archivedThrough).toBe(segment);
    },
    { timeout: 30_000, interval: 100 },
  );
});
afterAll(() => attacked.stop());

async function send(service: string, traceId: string): Promise<void> {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
  const at = `${Date.now() - 60_000}000000`;
  const spans = Array.from({ length: SPANS }, (_, index) => ({
    traceId,
    spanId: String(1_000_000_000_000_000 + index),
    name: service,
    kind: 2,
    startTimeUnixNano: at,
    endTimeUnixNano: at,
  }));
  const response = await fetch(`http://127.0.0.1:${attacked.platform.ports.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }),
  });
  expect(response.status).toBe(200);
}

describe('who may see one service', () => {
  it.each([
    ['/api/v1/traces/:id'],
    ['/api/v1/traces/:id/critical-path'],
    [`/api/v1/traces/${OWN}/compare?with=:id`],
    ['/api/v1/logs?from=now-1h&traceId=:id'],
  ])('cannot tell a trace of another from one that is not there: %s', async (path) => {
    const answers = await Promise.all(
      [HIDDEN, UNKNOWN].map(async (id) => {
        const { status, headers, text } = await attacked.as(some, 'GET', path.replace(':id', id));
        const names = [...headers].filter(([name]) => name !== 'date');
        const said = JSON.stringify([status, names, text]).replaceAll(id, ':id');
        // How long it took is not the same twice.
        return said.replace(/\\?"ms\\?":\{[^}]*\}/, '');
      }),
    );
    expect(answers[0]).toBe(answers[1]);
  });

  it('is not told how many rows were read, of others among them', async () => {
    for (const path of [
      `/api/v1/traces/${HIDDEN}`,
      '/api/v1/traces?from=now-1h',
      '/api/v1/traces/facets?from=now-1h',
      '/api/v1/traces/shapes?from=now-1h',
      '/api/v1/graph?from=now-1h',
      '/prometheus/api/v1/query?query=up',
    ]) {
      const { status, headers } = await attacked.as(some, 'GET', path);
      expect([path, status, headers.get('x-ophion-stats') ?? '']).toEqual([
        path,
        200,
        expect.not.stringMatching(/rows|bytes/),
      ]);
    }
  });

  it('turns no page of whoever sees all', async () => {
    const { token } = await attacked.somebody('sees-all', {
      'sees-all': { permissions: ['traces:read'], services: undefined },
    });
    await send('hidden', 'd'.repeat(32));
    const target = '/api/v1/traces?from=now-1h&limit=1';
    const { nextCursor } = JSON.parse((await attacked.as(token, 'GET', target)).text) as {
      readonly nextCursor: string;
    };
    const page = await attacked.as(some, 'GET', `${target}&cursor=${encodeURIComponent(nextCursor)}`);
    expect(page.status).toBe(200);
    expect(page.text).not.toContain('hidden');
  });

  it('joins no topic of whoever sees all, by whatever name', async () => {
    const frames: string[] = [];
    const socket = new WebSocket(`ws://127.0.0.1:${attacked.platform.ports.api}/live`, {
      headers: { authorization: `Bearer ${some}` },
    });
    socket.on('message', (data) => frames.push((data as Buffer).toString('latin1')));
    await new Promise((resolve) => socket.on('open', resolve));
    const topics = [
      { kind: 'spans' },
      { kind: 'spans', service: '~~hidden' },
      { kind: 'spans', q: 'service:hidden OR service:cart' },
      { kind: 'spans', text: 'hidden' },
      { kind: 'overview' },
      { kind: 'service', service: '~~hidden' },
    ];
    topics.forEach((topic, subscription) => {
      socket.send(JSON.stringify({ type: 'subscribe', subscription, topic }));
    });
    await vi.waitFor(() => {
      expect(frames.filter((text) => text.startsWith('{"type":"subscribed"'))).toHaveLength(topics.length);
    });
    await send('hidden', 'e'.repeat(32));
    await send('cart', 'f'.repeat(32));
    await vi.waitFor(() => {
      expect(frames.some((text) => !text.startsWith('{') && text.includes('f'.repeat(32)))).toBe(true);
    });
    const shown = frames.filter((text) => !text.startsWith('{'));
    // Topics are named as they were asked for; rows are what counts.
    expect(shown.filter((text) => text.includes('e'.repeat(32)))).toEqual([]);
    socket.close();
  });
});
