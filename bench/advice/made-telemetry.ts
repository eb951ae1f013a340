import type { ServiceBatch, Signal } from '../../proto/columns/index.ts';
import { createDecoder, jsonToWire } from '../../workers/decode/index.ts';

const decoder = createDecoder();
const SPANS_A_TRACE = 10;
const TRACES_A_REQUEST = 100;
const SERVICES = 5;
const SPAN_OPERATIONS = 5;
const ROOT_OPERATIONS = 7;
const EVERY_MS = 10_000;

const attributesOf = (values: Readonly<Record<string, string>>): object[] =>
  Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

function decoded(signal: Signal, request: object): readonly ServiceBatch[] {
  const wire = jsonToWire(signal, Buffer.from(JSON.stringify(request)));
  if ('undecodable' in wire) throw new Error(wire.reason);
  const result = decoder.decode(signal, wire);
  if ('undecodable' in result) throw new Error(result.reason);
  return result.batches;
}

/** About so many spans, in traces of ten with a few shapes. */
export function madeSpans(count: number): ServiceBatch[] {
  const batches: ServiceBatch[] = [];
  let made = 0;
  for (let request = 0; made < count; request += 1) {
    const spans: object[] = [];
    for (let trace = 0; trace < TRACES_A_REQUEST; trace += 1) {
      const traceId = hex(request * TRACES_A_REQUEST + trace + 1, 32);
      const first = made + 1;
      for (let at = 0; at < SPANS_A_TRACE; at += 1) {
        made += 1;
        const parent = at === 0 ? undefined : hex(at < 5 ? first : made - 2, 16);
        spans.push({
          ...{ traceId, spanId: hex(made, 16), ...(parent !== undefined && { parentSpanId: parent }) },
          name: at === 0 ? `GET /${trace % ROOT_OPERATIONS}` : `call ${(trace * at) % SPAN_OPERATIONS}`,
          ...{
            kind: at === 0 ? 2 : 3,
            startTimeUnixNano: `${made}000000`,
            endTimeUnixNano: `${made + 5}000000`,
          },
        });
      }
    }
    const attributes = attributesOf({ 'service.name': `service-${request % SERVICES}` });
    batches.push(
      ...decoded('traces', { resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans }] }] }),
    );
  }
  return batches;
}

/** What a kubelet reports of so many containers every ten seconds. */
export function madeUsage(containers: number, reports: number): ServiceBatch[] {
  const names = [
    ...['container.cpu.usage', 'container.memory.working_set', 'container.filesystem.usage'],
    ...['k8s.container.cpu_limit', 'k8s.container.memory_limit', 'k8s.container.restarts'],
  ];
  return Array.from({ length: reports }, (_, report) => {
    const timeUnixNano = `${(report + 1) * EVERY_MS}000000`;
    const metrics = names.map((name) => ({ name, gauge: { dataPoints: [{ timeUnixNano, asDouble: 1 }] } }));
    const resourceMetrics = Array.from({ length: containers }, (__, container) => ({
      resource: {
        attributes: attributesOf({
          ...{ 'service.name': 'kubelet', 'k8s.namespace.name': 'shop', 'k8s.container.name': 'app' },
          ...{ 'k8s.pod.name': `pod-${container}`, 'k8s.deployment.name': `deployment-${container % 100}` },
        }),
      },
      scopeMetrics: [{ metrics }],
    }));
    return decoded('metrics', { resourceMetrics });
  }).flat();
}

/** Log lines, every second one the same. */
export function madeLines(count: number): ServiceBatch[] {
  const attributes = attributesOf({ 'service.name': 'shop' });
  const A_REQUEST = 1_000;
  return Array.from({ length: Math.ceil(count / A_REQUEST) }, (_, request) => {
    const logRecords = Array.from({ length: A_REQUEST }, (__, at) => ({
      ...{ timeUnixNano: `${request * A_REQUEST + at + 1}000000`, severityNumber: 9 },
      body: { stringValue: at % 2 === 0 ? 'polling for new invoices' : `order ${request * A_REQUEST + at}` },
    }));
    return decoded('logs', { resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }] });
  }).flat();
}
