import type { FoundLogJson } from '../../../proto/api/index.ts';

/** What a span logged, oldest first. */
export interface SpanLogs {
  readonly logs: readonly FoundLogJson[];
  /** OTLP severity number of the worst; 0 when none says. */
  readonly worst: number;
}

/** By span id. `logs` are in the order of the API: newest first. */
export function logsBySpan(logs: readonly FoundLogJson[]): ReadonlyMap<string, SpanLogs> {
  const groups = new Map<string, FoundLogJson[]>();
  for (const log of logs.toReversed()) {
    if (log.spanId === '') continue;
    const group = groups.get(log.spanId);
    if (group) group.push(log);
    else groups.set(log.spanId, [log]);
  }
  return new Map(
    [...groups].map(([spanId, group]) => [
      spanId,
      { logs: group, worst: Math.max(...group.map(({ severityNumber }) => severityNumber)) },
    ]),
  );
}
