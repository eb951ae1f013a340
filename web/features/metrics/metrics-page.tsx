import { createMemo, createSignal, For, Show, type JSX } from 'solid-js';
import type { MetricJson } from '../../../proto/api/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { ServiceField } from '../../app/service-field.tsx';
import { TimePicker } from '../../app/time-picker.tsx';
import { createUrlText, createUrlTimeRange } from '../../app/url-state.ts';
import { RefreshButton, SearchBox } from '../../ui/controls.tsx';
import { AnswerView, EmptyState } from '../../ui/states.tsx';
import { VirtualRows } from '../../ui/virtual-rows.tsx';
import { MetricChart } from './metric-chart.tsx';
import './metrics.css';

const ROW_PX = 46;
const TEMPORALITY = ['', 'delta', 'cumulative'] as const;

/** Names with the same kind and unit from several services are one entry. */
function unique(metrics: readonly MetricJson[]): MetricJson[] {
  const byName = new Map(metrics.map((metric) => [metric.name, metric]));
  return [...byName.values()].sort((one, other) => one.name.localeCompare(other.name));
}

function kindText(metric: MetricJson): string {
  const kind = metric.kind === 'sum' && metric.monotonic ? 'counter' : metric.kind;
  return [kind, TEMPORALITY[metric.temporality] ?? '', metric.unit].filter((part) => part !== '').join(' · ');
}

function Catalogue(props: {
  readonly metrics: readonly MetricJson[];
  readonly selected: string;
  readonly onPick: (name: string) => void;
}): JSX.Element {
  const [filter, setFilter] = createSignal('');
  const found = createMemo(() => {
    const needle = filter().toLowerCase();
    return unique(props.metrics).filter(
      ({ name, description }) =>
        name.toLowerCase().includes(needle) || description.toLowerCase().includes(needle),
    );
  });
  return (
    <div class="panel catalogue">
      <div class="catalogue-head">
        <SearchBox label="Filter metrics" value={filter()} onInput={setFilter} />
      </div>
      <Show
        when={found().length > 0}
        fallback={<p class="faint more-note">No metric has “{filter()}” in its name.</p>}
      >
        <VirtualRows count={found().length} rowHeight={ROW_PX} label="Metrics">
          {(index) => (
            <Show when={found()[index()]}>
              {(metric) => (
                <button
                  type="button"
                  class="metric-row"
                  aria-pressed={metric().name === props.selected}
                  title={metric().description}
                  onClick={() => {
                    props.onPick(metric().name);
                  }}
                >
                  <span class="clip mono">{metric().name}</span>
                  <span class="clip faint">{kindText(metric())}</span>
                </button>
              )}
            </Show>
          )}
        </VirtualRows>
      </Show>
    </div>
  );
}

/** What metrics there are, and one of them over time. */
export function MetricsPage(): JSX.Element {
  const time = createUrlTimeRange();
  const [name, service] = [createUrlText('name'), createUrlText('service')];
  const answer = createAnswer(() => {
    const { from, to } = time.range();
    return { path: '/api/v1/metrics', query: { from, to, service: service.value() } } as const;
  });
  const selected = () => {
    const metrics = unique(answer.data()?.metrics ?? []);
    return metrics.find((metric) => metric.name === name.value()) ?? metrics[0];
  };
  return (
    <div class="page">
      <header class="page-head">
        <h1>Metrics</h1>
        <Show when={answer.data()}>
          {(data) => <span class="badge">{unique(data().metrics).length}</span>}
        </Show>
        <span class="grow" />
        <TimePicker />
        <RefreshButton onRefresh={answer.refetch} />
      </header>
      <div class="page-body fill">
        <div class="filters log-filters">
          <ServiceField value={service.value()} onPick={service.set} />
        </div>
        <div class="metrics-layout grow" aria-busy={answer.isLoading()}>
          <AnswerView
            what="Metrics"
            answer={answer}
            isEmpty={(data) => data.metrics.length === 0}
            empty={
              <EmptyState title="No metrics in this range">
                <p>
                  Set <code>OTEL_METRICS_EXPORTER=otlp</code> in the application, or choose a longer range:
                  exporters send once a minute unless told otherwise.
                </p>
              </EmptyState>
            }
          >
            {(data) => (
              <>
                <Catalogue metrics={data().metrics} selected={selected()?.name ?? ''} onPick={name.set} />
                <For each={[selected()].filter((one) => one !== undefined)}>
                  {(metric) => <MetricChart metric={metric} service={service.value()} />}
                </For>
              </>
            )}
          </AnswerView>
        </div>
      </div>
    </div>
  );
}
