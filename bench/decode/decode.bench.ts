import { parseArgs } from 'node:util';
import { createDecoder } from '../../workers/decode/index.ts';
import { loadRequestTypes } from '../../workers/reference/index.ts';
import { createSpanPayload } from '../load/span-payload.ts';

const SPANS = 1_000;
const REQUESTS_A_ROUND = 20;

/** Time of decoding spans into columns beside protobufjs into objects, alternating; medians of the rounds. */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({ args: [...args], options: { rounds: { type: 'string', default: '15' } } });
  const payload = await createSpanPayload('bench', SPANS);
  const { traces } = await loadRequestTypes();
  const decoder = createDecoder();
  const columns: number[] = [];
  const objects: number[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const requests = Array.from({ length: REQUESTS_A_ROUND }, () => payload.next());
    columns.push(usPerSpan(requests, (request) => decoder.decode('traces', request)));
    objects.push(usPerSpan(requests, (request) => traces.decode(request)));
  }
  const [ours, reference] = [median(columns), median(objects)];
  return { traces: { usPerSpan: ours, protobufjsUsPerSpan: reference, ratio: round2(reference / ours) } };
}

function usPerSpan(requests: readonly Buffer[], decode: (request: Buffer) => unknown): number {
  const startedMs = performance.now();
  for (const request of requests) decode(request);
  return round2(((performance.now() - startedMs) * 1_000) / (requests.length * SPANS));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
