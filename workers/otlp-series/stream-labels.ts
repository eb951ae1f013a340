import { type Labels, labelsOf } from '../promql/index.ts';
import { prometheusLabelName } from './metric-name.ts';
import type { OtlpStream, TextAttribute } from './otlp-stream.ts';

/** How names are spelled: as Prometheus has them, or as they were sent (UTF-8). */
export type Spelling = 'translated' | 'utf8';

export const TARGET_INFO = 'target_info';
const IDENTITY: ReadonlySet<string> = new Set(['service.name', 'service.namespace', 'service.instance.id']);

const valueOf = (attributes: readonly TextAttribute[], key: string): string =>
  attributes.find(([own]) => own === key)?.[1] ?? '';

/** `job` and `instance` of a resource; empty where it does not say. */
export function identityOf(resource: readonly TextAttribute[]): readonly TextAttribute[] {
  const [namespace, name] = [valueOf(resource, 'service.namespace'), valueOf(resource, 'service.name')];
  const job = name === '' || namespace === '' ? name : `${namespace}/${name}`;
  return [
    ['job', job],
    ['instance', valueOf(resource, 'service.instance.id')],
  ];
}

/** The labels of a stream's series, but name, `le` and `quantile`. */
export function streamLabels(
  { resource, scope, attributes }: OtlpStream,
  spelling: Spelling,
): TextAttribute[] {
  const scoped: TextAttribute[] = [
    ['otel_scope_name', scope.name],
    ['otel_scope_version', scope.version],
    ...scope.attributes.map(([key, value]): TextAttribute => [
      `otel_scope_${prometheusLabelName(key)}`,
      value,
    ]),
  ];
  return [...spelled(attributes, spelling), ...scoped, ...identityOf(resource)];
}

/** The labels of a resource's `target_info`; undefined where there is nothing to tell, or nobody to tell it of. */
export function targetInfoLabels(resource: readonly TextAttribute[], spelling: Spelling): Labels | undefined {
  const told = resource.filter(([key]) => !IDENTITY.has(key));
  const identity = identityOf(resource).filter(([, value]) => value !== '');
  if (told.length === 0 || identity.length === 0) return undefined;
  return labelsOf([...spelled(told, spelling), ...identity, ['__name__', TARGET_INFO]]);
}

/** Attributes whose names become one label are joined by `;`, in the order of their names. */
function spelled(attributes: readonly TextAttribute[], spelling: Spelling): TextAttribute[] {
  if (spelling === 'utf8') return [...attributes];
  const byLabel = new Map<string, string>();
  const sorted = [...attributes].sort(([left], [right]) => (left < right ? -1 : 1));
  for (const [key, value] of sorted) {
    const label = prometheusLabelName(key);
    const known = byLabel.get(label);
    byLabel.set(label, known === undefined ? value : `${known};${value}`);
  }
  return [...byLabel];
}
