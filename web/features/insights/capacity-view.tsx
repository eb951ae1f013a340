import { createSignal, For, Show, type JSX } from 'solid-js';
import type { ResourceOutlookJson, ServiceLoadJson } from '../../../proto/api/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { ServiceChip } from '../../ui/chips.tsx';
import { formatDurationMs, formatRate, formatRatio } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { PlainTable } from '../../ui/plain-table.tsx';
import { servicePath } from '../../ui/service-id.ts';
import { AnswerView, EmptyState } from '../../ui/states.tsx';
import { ForecastChart } from './forecast-chart.tsx';
import { signalFormat } from './insight-words.ts';

const FROM = 'now-7d';
const HORIZON = '14d';
const HIGH_SHARE = 0.8;

function ResourceRow(props: { readonly resource: ResourceOutlookJson }): JSX.Element {
  const [isOpen, setOpen] = createSignal(false);
  const format = () => signalFormat(props.resource.unit);
  return (
    <>
      <tr>
        <td>
          <button
            type="button"
            class="button quiet small icon-only"
            aria-label={`Forecast of ${props.resource.name}`}
            aria-expanded={isOpen()}
            onClick={() => setOpen(!isOpen())}
          >
            <Icon name={isOpen() ? 'down' : 'right'} />
          </button>
        </td>
        <td>
          <b>{props.resource.text}</b>
          <Show when={props.resource.refusal}>
            {(refusal) => <div class="faint">No forecast yet: {refusal().message}.</div>}
          </Show>
        </td>
        <td>
          <Show when={props.resource.service} fallback={<span class="faint">–</span>}>
            {(service) => (
              <a href={servicePath(service().id)}>
                <ServiceChip id={service().id} />
              </a>
            )}
          </Show>
        </td>
        <td class="mono faint">{props.resource.metric}</td>
        <td class="num">
          {format()(props.resource.current)} of {format()(props.resource.limit)}
        </td>
        <td class="num" classList={{ warned: props.resource.share >= HIGH_SHARE }}>
          <span class="share-bar" aria-hidden="true">
            <span style={{ width: `${Math.min(100, Math.round(props.resource.share * 100))}%` }} />
          </span>
          {formatRatio(props.resource.share)}
        </td>
      </tr>
      <Show when={isOpen()}>
        <tr class="detail">
          <td colSpan={6}>
            <ForecastChart
              title={props.resource.name}
              query={props.resource.query}
              unit={props.resource.unit}
              from={FROM}
              horizon={HORIZON}
              limit={props.resource.limit}
            />
          </td>
        </tr>
      </Show>
    </>
  );
}

function LoadRow(props: { readonly load: ServiceLoadJson }): JSX.Element {
  return (
    <tr>
      <td>
        <a href={servicePath(props.load.service.id)}>
          <ServiceChip id={props.load.service.id} />
        </a>
      </td>
      <Show
        when={props.load.curve}
        fallback={
          <td colSpan={5} class="faint">
            {props.load.refusal?.message}
          </td>
        }
      >
        {(curve) => (
          <>
            <td class="num" classList={{ warned: curve().headroom < 0.2 }}>
              <b>{curve().headroom < 0 ? 'none: beyond the knee' : formatRatio(curve().headroom)}</b>
            </td>
            <td class="num">{formatRate(curve().busyPerSecond)}</td>
            <td class="num">{formatRate(curve().kneePerSecond)}</td>
            <td class="num">{formatRate(curve().capacityPerSecond)}</td>
            <td class="num">{formatDurationMs(curve().baseLatencyMs)}</td>
          </>
        )}
      </Show>
    </tr>
  );
}

/** What runs out and when, and how much load services have left. */
export function CapacityView(): JSX.Element {
  const answer = createAnswer(
    () => ({ path: '/api/v1/capacity', query: { from: FROM, horizon: HORIZON } }) as const,
  );
  return (
    <AnswerView
      what="Capacity"
      answer={answer}
      isEmpty={({ resources, services }) => resources.length === 0 && services.length === 0}
      empty={
        <EmptyState title="Nothing that can be full is known yet">
          <p>
            Resources are found by their metrics: <code>system.filesystem.usage</code>,{' '}
            <code>jvm.memory.used</code> and its limit, <code>db.client.connection.count</code> and its
            maximum, any <code>*.utilization</code>.
          </p>
        </EmptyState>
      }
    >
      {(data) => (
        <>
          <section class="panel" aria-label="Resources">
            <header class="panel-head">
              <h2>What runs out</h2>
              <span class="faint">forecast for {HORIZON.replace('d', ' days')} from the last 7</span>
              <span class="grow" />
              <Show when={data().resourcesLeftOut > 0}>
                <span class="badge">{data().resourcesLeftOut} less full are not shown</span>
              </Show>
            </header>
            <Show
              when={data().resources.length > 0}
              fallback={<p class="faint forecast-note">No metric of a resource with a limit has come yet.</p>}
            >
              <PlainTable columns={[{ hidden: 'Forecast' }, 'When', 'Service', 'Metric', 'Used', 'Share']}>
                <For each={data().resources}>{(resource) => <ResourceRow resource={resource} />}</For>
              </PlainTable>
            </Show>
          </section>
          <section class="panel" aria-label="Load">
            <header class="panel-head">
              <h2>How much load is left</h2>
              <span class="faint">where the median latency bends under requests, over the last day</span>
              <span class="grow" />
              <Show when={data().servicesLeftOut > 0}>
                <span class="badge">{data().servicesLeftOut} quieter ones are not shown</span>
              </Show>
            </header>
            <Show
              when={data().services.length > 0}
              fallback={<p class="faint forecast-note">No service had requests in the last day.</p>}
            >
              <PlainTable
                columns={['Service', 'Head-room', 'At its busiest', 'Bends at', 'At most', 'Without load']}
              >
                <For each={data().services}>{(load) => <LoadRow load={load} />}</For>
              </PlainTable>
            </Show>
          </section>
        </>
      )}
    </AnswerView>
  );
}
