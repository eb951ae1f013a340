import type { SpanJson } from '../../proto/api/index.ts';
import { valueText } from '../../workers/reference/index.ts';

/** The bench's questions as loops over objects, the way one writes them down. */
export const NAIVE_QUERIES: Readonly<Record<string, (spans: readonly SpanJson[]) => unknown>> = {
  search: (spans) =>
    spans
      .filter(({ attributes, resource, scope }) =>
        [...attributes, ...resource.attributes, ...scope.attributes].some(
          ({ key, value }) => key === 'enduser.id' && valueText(value).startsWith('user-4200'),
        ),
      )
      .sort((a, b) => (a.startTimeUnixNano < b.startTimeUnixNano ? 1 : -1))
      .slice(0, 50),
  group(spans) {
    const durations = new Map<string, number[]>();
    for (const span of spans) {
      const route = attribute(span, 'http.route');
      const known = durations.get(route);
      const duration = Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano));
      if (known) known.push(duration);
      else durations.set(route, [duration]);
    }
    return [...durations].map(([route, all]) => [
      route,
      all.sort((a, b) => a - b)[Math.floor(all.length * 0.99)],
    ]);
  },
  facets: (spans) => countsOf(spans),
  diff(spans) {
    const isError = (span: SpanJson): boolean => Number(attribute(span, 'http.response.status_code')) >= 500;
    return [countsOf(spans.filter(isError)), countsOf(spans.filter((span) => !isError(span)))];
  },
};

function attribute({ attributes }: SpanJson, key: string): string {
  const found = attributes.find((each) => each.key === key);
  return found ? valueText(found.value) : '';
}

function countsOf(spans: readonly SpanJson[]): Map<string, Map<string, number>> {
  const fields = new Map<string, Map<string, number>>();
  const count = (field: string, value: string): void => {
    let values = fields.get(field);
    if (!values) {
      values = new Map();
      fields.set(field, values);
    }
    values.set(value, (values.get(value) ?? 0) + 1);
  };
  for (const { service, name, kind, status, scope, attributes, resource } of spans) {
    count('service', service.name);
    count('name', name);
    count('kind', String(kind));
    count('status', String(status.code));
    count('status.message', status.message);
    count('scope.name', scope.name);
    for (const { key, value } of attributes) count(key, valueText(value));
    for (const { key, value } of resource.attributes) count(`resource.${key}`, valueText(value));
  }
  return fields;
}
