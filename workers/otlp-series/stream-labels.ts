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
  const instance = valueOf(resource, 'service.instance.id');
  return [
    ['job', job],
    ['instance', instance !== '' || name === '' ? instance : processOf(resource)],
  ];
}

const PLACES = ['k8s.pod.name', 'k8s.pod.uid', 'container.id', 'host.name'] as const;

/**
 * What tells processes of a service apart that do not say which instance they are: pod, container or host, and process id. Many SDKs send
 * no `service.instance.id`; without it two pods, or one before and after a restart, would be two series with the same labels.
 */
function processOf(resource: readonly TextAttribute[]): string {
  const place = PLACES.map((key) => valueOf(resource, key)).find((value) => value !== '') ?? '';
  return [place, valueOf(resource, 'process.pid')].filter((part) => part !== '').join('/');
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
  // What origin and scope do not say leaves an attribute of that name as it is.
  const told = [...scoped, ...identityOf(resource)].filter(([, value]) => value !== '');
  return [...spelled(attributes, spelling), ...told];
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
