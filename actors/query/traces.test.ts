import { describe, expect, it } from 'vitest';
import type { SpanJson } from '../../proto/api/index.ts';
import { summariesOf } from './traces.ts';

const service = { id: '~~cart', namespace: '', name: 'cart', environment: '' };
const spans = (traceId: string, count: number): SpanJson[] =>
  Array.from(
    { length: count },
    (_, at) =>
      ({
        ...{ traceId, service, name: `span ${at}`, status: { code: 0, message: '' } },
        spanId: String(at),
        parentSpanId: at === 0 ? '' : '0',
        startTimeUnixNano: String(1_000 + at),
        endTimeUnixNano: String(2_000 + at),
      }) as SpanJson,
  );

describe('summaries of traces', () => {
  it.each([
    ['of few spans are made at once', [3, 1, 2], 1],
    ['of many spans are made of all of them', [60, 2, 70, 80, 1], 5],
    ['of more spans than are held at a time are made of those', [500, 3], 3],
  ])('%s', async (_, sizes, questions) => {
    const most = 100;
    const all = sizes.flatMap((count, at) => spans(`trace ${at}`, count));
    let asked = 0;
    const found = await summariesOf(
      sizes.map((__, at) => `trace ${at}`),
      most,
      (traceIds, limit) => {
        asked += 1;
        return Promise.resolve(all.filter(({ traceId }) => traceIds.includes(traceId)).slice(0, limit));
      },
    );
    expect(found.map(({ traceId, spanCount }) => [traceId, spanCount])).toEqual(
      sizes.map((count, at) => [`trace ${at}`, Math.min(count, most)]),
    );
    expect(found.map(({ more }) => more)).toEqual(sizes.map((count) => count > most));
    expect(asked).toBe(questions);
  });

  it('are the same whatever order spans of one start and id come in', async () => {
    const at = (name: string, id: string): SpanJson[] =>
      spans('trace', 1).map((span) => ({ ...span, name, service: { ...service, id } }));
    const all = [...at('b', '~~cart'), ...at('a', '~~pay'), ...at('a', '~~cart')];
    const summed = (order: readonly SpanJson[]): unknown =>
      summariesOf(['trace'], 10, () => Promise.resolve([...order]));
    const first = await summed(all);
    expect(first).toMatchObject([{ rootName: 'a', rootService: { id: '~~cart' }, spanCount: 3 }]);
    expect(await summed(all.toReversed())).toEqual(first);
  });
});
