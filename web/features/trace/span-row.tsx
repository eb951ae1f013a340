import { For, Show, type JSX } from 'solid-js';
import { textOfValue } from '../../ui/any-value.ts';
import { formatDurationNs } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { severityLevel } from '../../ui/otel-names.ts';
import { colourVar } from '../../ui/series-colour.ts';
import { timeOf } from '../logs/histogram.ts';
import type { TraceView } from './create-trace-view.ts';
import type { SpanNode } from './span-tree.ts';
import { placeOf, type BarPlace } from './viewport.ts';

const INDENT_PX = 14;
/** Deeper spans are not moved further to the right: their names must stay readable. */
const MOST_INDENTS = 20;
const MOST_TICKS = 50;
const LONGEST_TITLE = 300;
/** Of OTLP severity numbers. */
const LEAST_ERROR = 17;

/** The duration stands right of its bar, left of it when there is no room, and inside when there is none at all. */
function labelPlace({ leftPercent, widthPercent }: BarPlace) {
  const rightPercent = leftPercent + widthPercent;
  const isRight = rightPercent <= 88;
  const isInside = !isRight && leftPercent < 12;
  const left = isRight ? `${rightPercent}%` : isInside ? `${leftPercent}%` : 'auto';
  return { isInside, style: { left, right: isRight || isInside ? 'auto' : `${100 - leftPercent}%` } };
}

function Bar(props: { readonly view: TraceView; readonly node: SpanNode }): JSX.Element {
  const place = () => placeOf(props.node.startNs, props.node.durationNs, props.view.viewport());
  const critical = () => props.view.critical()?.get(props.node.index) ?? [];
  const events = () =>
    props.node.span.events.slice(0, MOST_TICKS).flatMap((event) => {
      const atNs = Number(BigInt(event.timeUnixNano) - props.view.tree.startUnixNano);
      const at = placeOf(atNs, 0, props.view.viewport());
      return at === undefined ? [] : [{ name: event.name, left: at.leftPercent }];
    });
  const logTicks = () =>
    (props.view.logsOf(props.node.span.spanId)?.logs ?? []).slice(0, MOST_TICKS).flatMap((log) => {
      const atNs = Number(BigInt(timeOf(log)) - props.view.tree.startUnixNano);
      const at = placeOf(atNs, 0, props.view.viewport());
      if (at === undefined) return [];
      const title = `${severityLevel(log.severityNumber)}: ${textOfValue(log.body).slice(0, LONGEST_TITLE)}`;
      return [{ title, left: at.leftPercent, isBad: log.severityNumber >= LEAST_ERROR }];
    });
  return (
    <span class="timeline" role="gridcell">
      <Show when={place()}>
        {(bar) => (
          <>
            <span
              class="bar"
              classList={{ failed: props.node.isError }}
              style={{
                left: `${bar().leftPercent}%`,
                width: `max(2px, ${bar().widthPercent}%)`,
                '--bar-colour': colourVar(props.node.span.service.id),
              }}
            />
            <span
              class="bar-label"
              classList={{ inside: labelPlace(bar()).isInside }}
              style={labelPlace(bar()).style}
            >
              {formatDurationNs(props.node.durationNs)}
            </span>
          </>
        )}
      </Show>
      <For each={critical()}>
        {(section) => (
          <Show when={placeOf(section.fromNs, section.toNs - section.fromNs, props.view.viewport())}>
            {(at) => (
              <span
                class="critical"
                style={{ left: `${at().leftPercent}%`, width: `max(1px, ${at().widthPercent}%)` }}
              />
            )}
          </Show>
        )}
      </For>
      <For each={logTicks()}>
        {(log) => (
          <span
            class="log-tick"
            classList={{ bad: log.isBad }}
            title={log.title}
            style={{ left: `${log.left}%` }}
          />
        )}
      </For>
      <For each={events()}>
        {(event) => <span class="event-tick" title={event.name} style={{ left: `${event.left}%` }} />}
      </For>
    </span>
  );
}

function Marks(props: {
  readonly view: TraceView;
  readonly node: SpanNode;
  readonly isCollapsed: boolean;
}): JSX.Element {
  const logs = () => props.view.logsOf(props.node.span.spanId);
  const hidden = () => (props.isCollapsed ? props.node.errorsBelow : 0);
  return (
    <>
      <Show when={props.node.isError}>
        <span class="bad row-mark" title={props.node.span.status.message || 'Status: error'}>
          <Icon name="warning" />
          <span class="visually-hidden">error</span>
        </span>
      </Show>
      <Show when={logs()}>
        {(own) => (
          <span
            class="badge row-logs"
            classList={{ error: own().worst >= LEAST_ERROR }}
            title={`${own().logs.length} log ${own().logs.length === 1 ? 'record' : 'records'}, at worst ${severityLevel(own().worst)}`}
          >
            <Icon name="lines" /> {own().logs.length}
          </span>
        )}
      </Show>
      <Show when={hidden() > 0}>
        <span class="badge error" title={`${hidden()} spans below this one failed`}>
          {hidden()} below
        </span>
      </Show>
      <Show when={props.node.isOrphan}>
        <span class="badge warn" title={`Its parent ${props.node.span.parentSpanId} was not received`}>
          parent missing
        </span>
      </Show>
    </>
  );
}

export function SpanRow(props: { readonly view: TraceView; readonly node: SpanNode }): JSX.Element {
  const isCollapsed = () => props.view.isCollapsed(props.node.index);
  const hasChildren = () => props.node.children.length > 0;
  const isMatch = () => props.view.matches()?.has(props.node.index);
  const indent = () => (props.view.isOnlyMatches() ? 0 : Math.min(props.node.depth, MOST_INDENTS));
  return (
    <div
      class="span-row"
      role="row"
      id={`span-${props.node.index}`}
      aria-level={props.node.depth + 1}
      aria-expanded={hasChildren() ? !isCollapsed() : undefined}
      aria-selected={props.view.selected()?.index === props.node.index}
      classList={{ matching: isMatch(), dimmed: isMatch() === false }}
      onClick={() => {
        props.view.select(props.node.index);
      }}
    >
      <span class="span-name" role="gridcell" style={{ 'padding-left': `${indent() * INDENT_PX}px` }}>
        <Show when={hasChildren()} fallback={<span class="twisty" />}>
          <button
            type="button"
            class="twisty"
            tabindex="-1"
            aria-label={isCollapsed() ? 'Expand' : 'Collapse'}
            onClick={(event) => {
              event.stopPropagation();
              props.view.setCollapsed(props.node.index, !isCollapsed());
            }}
          >
            <Icon name={isCollapsed() ? 'right' : 'down'} />
          </button>
        </Show>
        <span
          class="service-stripe"
          aria-hidden="true"
          style={{ '--swatch': colourVar(props.node.span.service.id) }}
        />
        <span class="span-service">{props.node.span.service.name}</span>
        <span class="clip span-title" title={props.node.span.name}>
          {props.node.span.name}
        </span>
        <Show when={isCollapsed()}>
          <span class="faint">+{props.node.below}</span>
        </Show>
        <Marks view={props.view} node={props.node} isCollapsed={isCollapsed()} />
      </span>
      <Bar view={props.view} node={props.node} />
    </div>
  );
}
