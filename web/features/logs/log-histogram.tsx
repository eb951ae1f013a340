import { createMemo, Show, type JSX } from 'solid-js';
import { createAnswer } from '../../api/create-answer.ts';
import { usePreferences } from '../../app/preferences.tsx';
import { absoluteRange, boundsOf } from '../../app/time-range.ts';
import { createUrlTimeRange } from '../../app/url-state.ts';
import { ChartPanel } from '../../charts/chart-panel.tsx';
import { createChartColours, type ChartColours } from '../../charts/colours.ts';
import { exactCount, formatCount } from '../../ui/format.ts';
import type { SeverityLevel } from '../../ui/otel-names.ts';
import { bucketMsOf, severityHistogram } from './histogram.ts';

function colourOf(level: SeverityLevel, colours: ChartColours): string {
  const named: Readonly<Partial<Record<SeverityLevel, string>>> = {
    info: colours.info,
    warn: colours.warn,
    error: colours.error,
    fatal: colours.series[3] ?? colours.error,
    debug: colours.series[9] ?? colours.faint,
  };
  return named[level] ?? colours.faint;
}

/** All records that the line means, by severity and time, however many the list shows. */
export function LogHistogram(props: {
  readonly line: string;
  /** Changes when the list is asked for anew. */
  readonly askedAtMs: number | undefined;
}): JSX.Element {
  const preferences = usePreferences();
  const time = createUrlTimeRange();
  const colours = createChartColours(preferences.theme);
  const bounds = createMemo(() => boundsOf(time.range(), props.askedAtMs ?? Date.now()));
  const bucketMs = createMemo(() => bucketMsOf(bounds().toMs - bounds().fromMs));
  const answer = createAnswer(() => {
    const query = {
      from: String(Math.floor(bounds().fromMs)),
      to: String(Math.ceil(bounds().toMs)),
      q: props.line,
      by: 'level',
      stepSeconds: bucketMs() / 1_000,
    };
    return { path: '/api/v1/logs/aggregate', query } as const;
  });
  const levels = createMemo(() => severityHistogram(answer.data() ?? { groups: [] }, bucketMs()));
  const title = () => {
    const count = answer.data()?.count;
    if (count === undefined) return answer.problem() ? 'Records could not be counted' : 'Records by severity';
    return `${exactCount(count)} ${count === 1 ? 'record' : 'records'} by severity`;
  };
  return (
    <div class="log-histogram">
      <ChartPanel
        title={title()}
        label={title()}
        kind="bars"
        isStacked
        bounds={bounds}
        colours={colours}
        zone={preferences.zone}
        format={formatCount}
        extra={
          <Show when={answer.problem()}>{(problem) => <span class="faint">{problem().message}</span>}</Show>
        }
        onZoom={(fromMs, toMs) => {
          time.set(absoluteRange(fromMs, toMs));
        }}
        series={() =>
          levels().map(({ level, points, count }) => ({
            label: level,
            colour: colourOf(level, colours()),
            points,
            note: formatCount(count),
          }))
        }
      />
    </div>
  );
}
