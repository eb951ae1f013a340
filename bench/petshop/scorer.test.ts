import { expect, it } from 'vitest';
import { traverseAnomalies } from './anomaly-traversal.ts';
import { recallOf } from './top-k-recall.ts';

const of = (...values: number[]): Float64Array => Float64Array.from(values);

it('recall: distinct names, strict ranks, an empty list is a miss', () => {
  const recall = recallOf([
    { truth: 'a', ranked: ['a', 'b'] },
    { truth: 'c', ranked: ['a', 'a', 'b', 'c', 'd'] },
    { truth: 'd', ranked: ['a', 'b', 'c', 'd'] },
    { truth: 'e', ranked: [] },
  ]);
  expect(recall).toEqual({ top1: 0.25, top3: 0.5, top5: 0.75 });
});

it('traversal: anomalous leaves of anomalous paths, by the sum along the path', () => {
  // Median 10, MAD 1: a score is |x − 10| / 1.4826.
  const usual = of(8, 9, 10, 11, 12);
  const edges = [
    { caller: 'web', callee: 'cart' },
    { caller: 'cart', callee: 'store' },
    { caller: 'web', callee: 'search' },
    { caller: 'search', callee: 'far' },
  ];
  const names = ['web', 'cart', 'store', 'search', 'far'];
  const causes = traverseAnomalies({
    edges,
    normal: new Map(names.map((name) => [name, usual])),
    abnormal: new Map([
      ['web', of(90, 10, 20, 10)],
      ['cart', of(10, 10, 30, 10)],
      ['store', of(10, 10, 20, 10)],
      ['search', of(10, 10, 35, 10)],
      ['far', of(10, 10, 11, 90)],
    ]),
    target: 'web',
  });
  // web + cart + store is 40 off, web + search 35.
  expect(causes).toEqual(['store', 'search']);
});
