import { expect, it } from 'vitest';
import type { TraceShapeJson } from '../../../proto/api/index.ts';
import { stepsShown } from './steps-shown.ts';

const step = (depth: number, name: string): TraceShapeJson['steps'][number] => ({
  ...{ depth, operation: `of ${name}`, repeats: 1 },
  service: { id: `~~${name}`, namespace: '', name, environment: '' },
});
const SHAPE: TraceShapeJson = {
  ...{ id: '1', traces: 1, share: 1, failed: 0, p50Ms: 1, p95Ms: 1, spans: 9, variants: 1 },
  steps: [step(0, 'a'), step(1, 'a'), step(2, 'b'), step(1, 'a'), step(1, 'b'), step(2, 'b'), step(0, 'c')],
  ...{ stepsLeftOut: 3, exampleTraceId: '', failedTraceId: '' },
};

it('services are named where they are others than that of the step above', () => {
  const { lines } = stepsShown(SHAPE, true);
  expect(lines.map(({ showsService }) => showsService)).toEqual([
    ...[true, false, true, false, true, false, true],
  ]);
});

it('a few steps are shown at first, and how many are not', () => {
  expect(stepsShown(SHAPE, false)).toMatchObject({ lines: { length: 5 }, hidden: 5 });
  expect(stepsShown(SHAPE, true)).toMatchObject({ lines: { length: 7 }, hidden: 3 });
});
