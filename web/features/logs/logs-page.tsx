import { createMemo, Show, type JSX } from 'solid-js';
import type { LogJson } from '../../../proto/api/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { usePreferences } from '../../app/preferences.tsx';
import { ServiceField } from '../../app/service-field.tsx';
import { absoluteRange, boundsOf } from '../../app/time-range.ts';
import { TimePicker } from '../../app/time-picker.tsx';
import { createUrlText, createUrlTimeRange } from '../../app/url-state.ts';
import { ChartPanel } from '../../charts/chart-panel.tsx';
import { createChartColours, type ChartColours } from '../../charts/colours.ts';
import { Button, SelectField } from '../../ui/controls.tsx';
import { formatCount, msOfNano } from '../../ui/format.ts';
import { MIN_SEVERITIES, type SeverityLevel } from '../../ui/otel-names.ts';
import { SearchLine } from '../../ui/search-line.tsx';
import { AnswerView, EmptyState } from '../../ui/states.tsx';
import { severityHistogram, timeOf } from './histogram.ts';
import { LogList } from './log-list.tsx';
import './logs.css';

const LIMIT = 1_000;
const SEVERITY_OPTIONS = [
  { value: '', label: 'Any' },
  ...MIN_SEVERITIES.map(({ value, label }) => ({ value: String(value), label: `${label} and above` })),
];

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

function Histogram(props: { readonly logs: readonly LogJson[]; readonly isCut: boolean }): JSX.Element {
  const preferences = usePreferences();
  const time = createUrlTimeRange();
  const colours = createChartColours(preferences.theme);
  const bounds = createMemo(() => {
    const range = boundsOf(time.range(), Date.now());
    const oldest = props.logs.at(-1);
    if (!props.isCut || oldest === undefined) return range;
    return { fromMs: msOfNano(timeOf(oldest)), toMs: range.toMs };
  });
  const histogram = createMemo(() => severityHistogram(props.logs, bounds().fromMs, bounds().toMs));
  const title = () =>
    props.isCut
      ? `The newest ${formatCount(props.logs.length)} records by severity; older ones are not counted`
      : `All ${formatCount(props.logs.length)} records by severity`;
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
        onZoom={(fromMs, toMs) => {
          time.set(absoluteRange(fromMs, toMs));
        }}
        series={() =>
          histogram().levels.map(({ level, points, count }) => ({
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

export function LogsPage(): JSX.Element {
  const time = createUrlTimeRange();
  const [service, line, severity] = [createUrlText('service'), createUrlText('q'), createUrlText('severity')];
  const answer = createAnswer(() => {
    const query = {
      from: time.range().from,
      to: time.range().to,
      service: service.value(),
      q: line.value(),
      minSeverity: severity.value(),
      limit: LIMIT,
    };
    return { path: '/api/v1/logs', query } as const;
  });
  return (
    <div class="page logs-page">
      <header class="page-head">
        <h1>Logs</h1>
        <Show when={answer.data()}>
          {(data) => (
            <span class="badge" role="status">
              {data().more ? `newest ${formatCount(data().logs.length)}` : formatCount(data().logs.length)}
            </span>
          )}
        </Show>
        <span class="grow" />
        <TimePicker />
        <Button
          icon="refresh"
          onClick={() => {
            answer.refetch();
          }}
        >
          Refresh
        </Button>
      </header>
      <div class="page-body fill">
        <form
          class="filters log-filters"
          role="search"
          aria-label="Logs"
          onSubmit={(event) => {
            event.preventDefault();
            answer.refetch();
          }}
        >
          <ServiceField value={service.value()} onPick={service.set} />
          <SelectField
            label="Severity"
            value={severity.value()}
            options={SEVERITY_OPTIONS}
            onPick={severity.set}
          />
          <SearchLine signal="logs" value={line.value()} onCommit={line.set} />
          <Button type="submit" look="primary" disabled={answer.isLoading()}>
            Search
          </Button>
        </form>
        <div class="log-results grow" aria-busy={answer.isLoading()}>
          <AnswerView
            what="Logs"
            answer={answer}
            isEmpty={(data) => data.logs.length === 0}
            empty={
              <EmptyState title="No log record fits" icon="search">
                <p>
                  Nothing in this time range fits the filters. Choose a longer range or take a filter away.
                </p>
              </EmptyState>
            }
          >
            {(data) => (
              <>
                <Histogram logs={data().logs} isCut={data().more} />
                <div class="panel log-panel grow">
                  <LogList logs={data().logs} />
                </div>
              </>
            )}
          </AnswerView>
        </div>
      </div>
    </div>
  );
}
