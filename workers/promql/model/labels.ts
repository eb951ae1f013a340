/** Name, value, name, value …, sorted by name, no empty values: a series' identity in one flat array. */
export type Labels = readonly string[];

export const METRIC_NAME = '__name__';
/** Labels that name what is measured; an operation that changes what a value means drops them. */
const METADATA: ReadonlySet<string> = new Set([METRIC_NAME, '__type__', '__unit__']);
const NOTHING: Labels = [];

export function labelsOf(entries: Iterable<readonly [string, string]>): Labels {
  const byName = new Map(entries);
  const names = [...byName.keys()].filter((name) => byName.get(name) !== '').sort(compareText);
  return names.flatMap((name) => [name, byName.get(name) ?? '']);
}

export function labelEntries(labels: Labels): [string, string][] {
  const entries: [string, string][] = [];
  for (let at = 0; at < labels.length; at += 2) entries.push([labels[at] ?? '', labels[at + 1] ?? '']);
  return entries;
}

/** A label that a series does not have is the empty string. */
export function labelValue(labels: Labels, name: string): string {
  for (let at = 0; at < labels.length; at += 2) {
    if (labels[at] === name) return labels[at + 1] ?? '';
  }
  return '';
}

export const metricName = (labels: Labels): string => labelValue(labels, METRIC_NAME);

/** An empty value takes the label away. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  const changed: string[] = [];
  let at = 0;
  for (; at < labels.length && (labels[at] ?? '') < name; at += 2) {
    changed.push(labels[at] ?? '', labels[at + 1] ?? '');
  }
  if (labels[at] === name) at += 2;
  if (value !== '') changed.push(name, value);
  for (; at < labels.length; at++) changed.push(labels[at] ?? '');
  return changed;
}

export function keepLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  return filterLabels(labels, (name) => names.has(name));
}

export function dropLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  return filterLabels(labels, (name) => !names.has(name));
}

export function dropMetadata(labels: Labels): Labels {
  return dropLabels(labels, METADATA);
}

/** Equal for equal labels only: no label contains U+0001 and stays apart from its neighbours. */
export const labelsKey = (labels: Labels): string => labels.join('\u0001');

export function compareLabels(left: Labels, right: Labels): number {
  const shared = Math.min(left.length, right.length);
  for (let at = 0; at < shared; at++) {
    const order = compareText(left[at] ?? '', right[at] ?? '');
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

export function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** As Prometheus writes a label set in its messages: `{a="x", b="y"}`. */
export function formatLabels(labels: Labels): string {
  const pairs = labelEntries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `{${pairs.join(', ')}}`;
}

function filterLabels(labels: Labels, keeps: (name: string) => boolean): Labels {
  const kept: string[] = [];
  for (let at = 0; at < labels.length; at += 2) {
    const name = labels[at] ?? '';
    if (keeps(name)) kept.push(name, labels[at + 1] ?? '');
  }
  return kept.length === 0 ? NOTHING : kept;
}
