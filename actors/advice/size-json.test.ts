import { expect, it } from 'vitest';
import { insight } from '../../proto/api/index.ts';
import {
  judgeSize,
  NO_USAGE,
  observeUsage,
  type UsageObservation,
} from '../../workers/kernels/sizing/index.ts';
import { adviceOfSize } from './size-json.ts';
import type { SizedWorkload } from './size-words.ts';

const HOUR_MS = 3_600_000;
const WORKLOAD: SizedWorkload = {
  ...{ resource: 'cpu', service: '~~cart', workload: '[]', name: '', metric: 'container.cpu.usage' },
  isAbsolute: true,
};
const QUIET: UsageObservation = {
  ...{ usage: new Float64Array(0), limit: undefined, reserved: undefined, instances: 1 },
  ...{ looked: 0, pressed: 0, waits: 0, waitSeconds: 0, uses: 0, useSeconds: 0 },
};

function said(workload: Partial<SizedWorkload>, seen: Partial<UsageObservation>, hours = 30) {
  let history = NO_USAGE;
  for (let hour = 0; hour < hours; hour += 1) {
    history = observeUsage(history, { ...QUIET, ...seen }, hour * HOUR_MS);
  }
  const sized = { ...WORKLOAD, ...workload };
  const judgement = judgeSize(sized.resource, history, sized.isAbsolute);
  return judgement && adviceOfSize(sized, history, judgement);
}

it.each([
  [
    'cart: 2 cores of CPU are kept and 0.5 cores used',
    said({}, { usage: Float64Array.of(0.5), limit: 4, reserved: 2, instances: 3 }),
    { category: 'cpu-too-large', savingUnit: '{cpu}' },
  ],
  [
    'cart: CPU is held back in 40 % of periods (app of cart)',
    said({ name: 'app of cart' }, { usage: Float64Array.of(0.9), limit: 1, looked: 100, pressed: 40 }),
    { category: 'cpu-too-small', saving: null },
  ],
  [
    'cart: 10 % of the memory it is given are used',
    said({ resource: 'memory', isAbsolute: false }, { usage: Float64Array.of(0.1), limit: 1 }),
    { category: 'memory-too-large', saving: null, savingUnit: '1' },
  ],
  [
    'cart: Of 50 connections that are open, 4 are in use at most (main)',
    said({ resource: 'connections', name: 'main' }, { usage: Float64Array.of(4), reserved: 50, limit: 50 }),
    { category: 'connections-too-large', saving: 44, savingUnit: '{connection}' },
  ],
  [
    'cart: Requests wait for a connection in 30 % of looks at the pool (main)',
    said(
      { resource: 'connections', name: 'main', metric: 'db.client.connection.count' },
      { usage: Float64Array.of(10), limit: 10, looked: 10, pressed: 3, waits: 40, waitSeconds: 2 },
    ),
    { category: 'connections-too-small' },
  ],
])('%s', (title, advice, tip) => {
  expect(advice).toMatchObject({ title, tip });
  const [evidence] = advice?.evidence ?? [];
  const chart = evidence?.type === 'signal' ? evidence.chart : undefined;
  expect(chart?.values).toHaveLength(31);
  expect(chart?.upper).toHaveLength(31);
  expect(advice?.explanation).not.toMatch(/NaN|undefined|Infinity/);
  const times = { startedUnixMs: 0, detectedUnixMs: 0, updatedUnixMs: 0, endedUnixMs: null };
  const { key, weight, ...rest } = advice ?? { key: '', weight: 0 };
  expect(insight.unwrap().safeParse({ id: key, state: 'open', ...times, ...rest })).toMatchObject({
    success: true,
  });
});
