import {
  compileMatchers,
  type LabelMatcher,
  type Labels,
  labelsOf,
  type Series,
  withLabel,
} from '../promql/index.ts';
import { boundText, bucketSeries } from './bucket-series.ts';
import { type ExposedName, selectedNames } from './exposed-names.ts';
import { groupChunks, type StreamPoints } from './merge-chunks.ts';
import { nativeSeries } from './native-series.ts';
import { columnSeries } from './number-series.ts';
import { listStart } from './merge-chunks.ts';
import type { OtlpStream, StreamChunk, TextAttribute } from './otlp-stream.ts';
import { SampleList } from './sample-list.ts';
import { streamLabels, TARGET_INFO, targetInfoLabels } from './stream-labels.ts';

/** When a resource sent anything. */
export interface SeenResource {
  readonly resource: readonly TextAttribute[];
  readonly timesMs: Float64Array;
}

/** The series that a selector finds among the points of OTLP streams. */
export function selectSeries(chunks: Iterable<StreamChunk>, matchers: readonly LabelMatcher[]): Series[] {
  const tests = new LabelTests(matchers);
  return groupChunks(chunks).flatMap((points) =>
    selectedNames(points.stream.metric, matchers).flatMap((name) => seriesOf(points, name, tests)),
  );
}

/** Whether a selector may find the `target_info` of any resource. */
export function selectsTargetInfo(matchers: readonly LabelMatcher[]): boolean {
  return compileMatchers(matchers.filter(({ name }) => name === '__name__'))(['__name__', TARGET_INFO]);
}

/** The `target_info` of resources, those that a selector finds. */
export function selectTargetInfo(seen: readonly SeenResource[], matchers: readonly LabelMatcher[]): Series[] {
  if (!selectsTargetInfo(matchers)) return [];
  const matches = compileMatchers(matchers);
  const byLabels = new Map<string, { labels: Labels; samples: SampleList }>();
  for (const { resource, timesMs } of seen) {
    const labels = targetInfoLabels(resource, 'translated');
    if (labels === undefined || !(matches(labels) || matches(labelsOf([...pairs(labels), ...resource])))) {
      continue;
    }
    const key = labels.join('\u0001');
    const known = byLabels.get(key) ?? { labels, samples: new SampleList(timesMs.length) };
    byLabels.set(key, known);
    for (const time of timesMs) known.samples.add(time, 1);
  }
  return [...byLabels.values()].map(({ labels, samples }) => samples.toSeries(labels, false));
}

/** The labels of a stream's series that a selector finds, without `le` and `quantile`: exemplars belong to all of those. */
export function exemplarLabels(stream: OtlpStream, matchers: readonly LabelMatcher[]): Labels[] {
  const tests = new LabelTests(matchers);
  return selectedNames(stream.metric, matchers).flatMap(({ name, spelling }) => {
    const labels: TextAttribute[] = [...streamLabels(stream, spelling), ['__name__', name]];
    return tests.hold(labels, stream.attributes) ? [labelsOf(labels)] : [];
  });
}

const pairs = (labels: Labels): TextAttribute[] =>
  labels.flatMap((label, at): TextAttribute[] => (at % 2 === 0 ? [[label, labels[at + 1] ?? '']] : []));

/** Conditions on labels; one on an attribute's own name finds it under either spelling. */
class LabelTests {
  private readonly matches: (labels: Labels) => boolean;
  private readonly extra: Readonly<Record<ExtraLabel, (labels: Labels) => boolean>>;

  constructor(matchers: readonly LabelMatcher[]) {
    const of = (label: string): LabelMatcher[] => matchers.filter(({ name }) => name === label);
    this.matches = compileMatchers(matchers.filter(({ name }) => name !== 'le' && name !== 'quantile'));
    this.extra = { le: compileMatchers(of('le')), quantile: compileMatchers(of('quantile')) };
  }

  /** All but those on `le` and `quantile`, which are the same for a whole stream. */
  hold(labels: readonly TextAttribute[], attributes: readonly TextAttribute[]): boolean {
    return this.matches(labelsOf([...attributes, ...labels]));
  }

  holdsExtra(label: ExtraLabel, value: string): boolean {
    return this.extra[label]([label, value]);
  }
}

/** Labels that tell the series of one stream apart. */
type ExtraLabel = 'le' | 'quantile';

function seriesOf(points: StreamPoints, { name, part, spelling }: ExposedName, tests: LabelTests): Series[] {
  const { stream } = points;
  const pairsOfStream: TextAttribute[] = [...streamLabels(stream, spelling), ['__name__', name]];
  if (!tests.hold(pairsOfStream, stream.attributes)) return [];
  const labels = labelsOf(pairsOfStream);
  // An attribute may be called so, too; what is not a label of the series is the empty string to a matcher.
  const valueOf = (label: ExtraLabel): string => pairsOfStream.find(([name]) => name === label)?.[1] ?? '';
  if (part !== 'bucket' && !tests.holdsExtra('le', valueOf('le'))) return [];
  if (part !== 'quantile' && !tests.holdsExtra('quantile', valueOf('quantile'))) return [];
  switch (part) {
    case 'value':
      return [columnSeries(points, ({ values }) => values, labels)];
    case 'count':
      return [columnSeries(points, ({ counts }) => counts, labels)];
    case 'sum':
      return [columnSeries(points, ({ sums }) => sums, labels, true)];
    case 'native':
      return [nativeSeries(points, labels)];
    case 'bucket':
      return bucketSeries(points, labels, (le) => tests.holdsExtra('le', le));
    case 'quantile':
      return quantileSeries(points, labels, (quantile) => tests.holdsExtra('quantile', quantile));
  }
}

function quantileSeries(
  { chunks }: StreamPoints,
  labels: Labels,
  wants: (quantile: string) => boolean,
): Series[] {
  const byQuantile = new Map<number, SampleList>();
  for (const points of chunks) {
    for (let at = 0; at < points.timesMs.length; at++) {
      const start = listStart(points.quantiles, at);
      for (let place = start; place < (points.quantiles.ends[at] ?? start); place++) {
        const quantile = points.quantiles.items[place] ?? NaN;
        let samples = byQuantile.get(quantile);
        if (samples === undefined) {
          byQuantile.set(quantile, (samples = new SampleList(points.timesMs.length)));
        }
        samples.add(points.timesMs[at] ?? 0, points.quantileValues.items[place] ?? NaN);
      }
      if (points.isStale[at] !== 1) continue;
      for (const samples of byQuantile.values()) samples.addStale(points.timesMs[at] ?? 0);
    }
  }
  return [...byQuantile].flatMap(([quantile, samples]) => {
    const text = boundText(quantile);
    return wants(text) ? [samples.toSeries(withLabel(labels, 'quantile', text), false)] : [];
  });
}
