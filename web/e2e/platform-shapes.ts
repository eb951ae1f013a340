import type { ApiAnswers } from '../../proto/api/index.ts';
import { serviceOf, TRACE_ID } from './platform-data.ts';

type Shapes = ApiAnswers['/api/v1/traces/shapes'];
type Shape = Shapes['shapes'][number];

export const NO_SHAPES: Shapes = { shapes: [], traces: 0, matching: 0, more: false };

const step = (depth: number, service: string, operation: string, repeats = 1): Shape['steps'][number] => ({
  ...{ depth, service: serviceOf(service), operation, repeats },
});

const shape = (traces: number, more: Partial<Shape>): Shape => ({
  ...{ id: traces.toString(16).padStart(14, '0'), traces, share: traces / 2_000, failed: 0 },
  ...{ p50Ms: 12, p95Ms: 40, spans: 3, variants: 1, steps: [], stepsLeftOut: 0 },
  ...{ exampleTraceId: TRACE_ID, failedTraceId: '', ...more },
});

/** Of 2,000 traces through the cart. */
export const SHAPES_OF_CART: Shapes = {
  shapes: [
    shape(1_380, {
      steps: [step(0, 'gateway', 'GET /cart'), step(1, 'cart', 'GET /cart'), step(2, 'cart', 'HGETALL', 3)],
    }),
    shape(600, {
      ...{ failed: 48, failedTraceId: TRACE_ID, p50Ms: 240, p95Ms: 1_900, spans: 14, variants: 3 },
      steps: [
        ...[step(0, 'gateway', 'POST /checkout'), step(1, 'checkout', 'POST /checkout')],
        ...[
          step(2, 'cart', 'GET /cart'),
          step(2, 'payment', 'charge'),
          step(3, 'payment', 'INSERT payments'),
        ],
        ...[
          step(2, 'email', 'send the confirmation of an order with a name that is too long to be read whole'),
        ],
      ],
    }),
    shape(20, { failed: 20, failedTraceId: TRACE_ID, steps: [step(0, 'cart', 'expire')], spans: 1 }),
  ],
  ...{ traces: 2_000, matching: 48_211, more: true },
};
