import { For, Show, type JSX } from 'solid-js';
import type { LogJson, SpanEventJson, SpanLinkJson } from '../../../proto/api/index.ts';
import { usePreferences } from '../../app/preferences.tsx';
import { textOfValue } from '../../ui/any-value.ts';
import { AttributeTable } from '../../ui/attribute-table.tsx';
import { ServiceChip, SeverityBadge } from '../../ui/chips.tsx';
import { CopyButton, IconButton } from '../../ui/controls.tsx';
import { formatDurationNs, formatTimeNs } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { spanKindName, STATUS_ERROR } from '../../ui/otel-names.ts';
import { servicePath } from '../../ui/service-id.ts';
import { timeOf } from '../logs/histogram.ts';
import type { TraceView } from './create-trace-view.ts';
import { LinkedFrom } from './linked-from.tsx';
import { SpanJumps, SpanPeers } from './span-peers.tsx';
import type { SpanNode } from './span-tree.ts';

/** Of a span's own, in its detail. */
const MOST_LOGS = 20;

function Section(props: {
  readonly title: string;
  readonly count?: number;
  readonly isOpen?: boolean;
  readonly children: JSX.Element;
}): JSX.Element {
  return (
    <details class="detail-section" open={props.isOpen ?? false}>
      <summary>
        {props.title}
        <Show when={props.count !== undefined}>
          {' '}
          <span class="faint">{props.count}</span>
        </Show>
      </summary>
      {props.children}
    </details>
  );
}

function Facts(props: { readonly view: TraceView; readonly node: SpanNode }): JSX.Element {
  const preferences = usePreferences();
  const span = () => props.node.span;
  const percent = () => ((props.node.durationNs / props.view.tree.durationNs) * 100).toFixed(1);
  const facts = (): readonly (readonly [string, string])[] => [
    ['Start', formatTimeNs(span().startTimeUnixNano, preferences.zone())],
    ['After trace start', formatDurationNs(props.node.startNs)],
    ['Duration', `${formatDurationNs(props.node.durationNs)} (${percent()} % of the trace)`],
    ['Self time', formatDurationNs(props.node.selfNs)],
    ['Kind', spanKindName(span().kind)],
    ['Span id', span().spanId],
    ['Parent', span().parentSpanId || 'none'],
    ['Trace state', span().traceState],
  ];
  return (
    <dl class="facts">
      <For each={facts().filter(([, value]) => value !== '')}>
        {([label, value]) => (
          <>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </>
        )}
      </For>
    </dl>
  );
}

function Event(props: { readonly event: SpanEventJson; readonly view: TraceView }): JSX.Element {
  const afterNs = () => Number(BigInt(props.event.timeUnixNano) - props.view.tree.startUnixNano);
  return (
    <div class="event">
      <p>
        <b>{props.event.name}</b>{' '}
        <span class="faint">{formatDurationNs(afterNs())} after the start of the trace</span>
      </p>
      <AttributeTable
        attributes={props.event.attributes}
        dropped={props.event.droppedAttributesCount}
        empty="No attributes."
      />
    </div>
  );
}

function Link(props: { readonly link: SpanLinkJson }): JSX.Element {
  return (
    <div class="event">
      <a class="link mono" href={`/traces/${props.link.traceId}?span=${props.link.spanId}`}>
        {props.link.traceId.slice(0, 16)}… / {props.link.spanId}
      </a>
      <AttributeTable
        attributes={props.link.attributes}
        dropped={props.link.droppedAttributesCount}
        empty="No attributes."
      />
    </div>
  );
}

function LogLine(props: { readonly log: LogJson; readonly view: TraceView }): JSX.Element {
  const afterNs = () => Number(BigInt(timeOf(props.log)) - props.view.tree.startUnixNano);
  return (
    <div class="event">
      <p>
        <SeverityBadge number={props.log.severityNumber} text={props.log.severityText} />{' '}
        <span class="mono">{textOfValue(props.log.body) || props.log.eventName}</span>{' '}
        <span class="faint">{formatDurationNs(afterNs())} after the start of the trace</span>
      </p>
      <Show when={props.log.attributes.length > 0}>
        <AttributeTable attributes={props.log.attributes} empty="No attributes." />
      </Show>
    </div>
  );
}

/** All that is known of a span. Every value can be copied; 64-bit integers keep all their digits. */
export function SpanDetail(props: { readonly view: TraceView; readonly node: SpanNode }): JSX.Element {
  const span = () => props.node.span;
  const permalink = () => {
    const url = new URL(window.location.href);
    url.search = `?span=${span().spanId}`;
    return url.href;
  };
  return (
    <aside class="span-detail" aria-label="Span">
      <header>
        <div class="grow">
          <h2>{span().name}</h2>
          <a class="dim" href={servicePath(span().service.id)}>
            <ServiceChip id={span().service.id} />
          </a>
        </div>
        <CopyButton text={permalink()} label="Copy a link to this span" />
        <IconButton
          small
          icon="cross"
          label="Close the span"
          onClick={() => {
            props.view.select(undefined);
          }}
        />
      </header>
      <Show when={span().status.code === STATUS_ERROR}>
        <p class="banner error">
          <Icon name="warning" /> {span().status.message || 'The span ended with an error and no message.'}
        </p>
      </Show>
      <Facts view={props.view} node={props.node} />
      <SpanPeers node={props.node} />
      <SpanJumps span={span()} />
      <Section title="Attributes" count={span().attributes.length} isOpen>
        <AttributeTable
          attributes={span().attributes}
          dropped={span().droppedAttributesCount}
          empty="The span has no attributes."
        />
      </Section>
      <Show when={span().events.length + span().droppedEventsCount > 0}>
        <Section title="Events" count={span().events.length} isOpen>
          <For each={span().events}>{(event) => <Event event={event} view={props.view} />}</For>
          <Show when={span().droppedEventsCount > 0}>
            <p class="faint">{span().droppedEventsCount} more were dropped by the sender.</p>
          </Show>
        </Section>
      </Show>
      <Show when={span().links.length > 0}>
        <Section title="Links" count={span().links.length} isOpen>
          <For each={span().links}>{(link) => <Link link={link} />}</For>
        </Section>
      </Show>
      <LinkedFrom span={span()} />
      <Show when={props.view.logsOf(span().spanId)}>
        {(own) => (
          <Section title="Logs" count={own().logs.length} isOpen>
            <For each={own().logs.slice(0, MOST_LOGS)}>
              {(log) => <LogLine log={log} view={props.view} />}
            </For>
            <Show when={own().logs.length > MOST_LOGS}>
              <p class="faint">{own().logs.length - MOST_LOGS} more are in the tab Logs.</p>
            </Show>
          </Section>
        )}
      </Show>
      <Section title="Resource" count={span().resource.attributes.length} isOpen>
        <AttributeTable
          attributes={span().resource.attributes}
          dropped={span().resource.droppedAttributesCount}
          empty="The resource has no attributes."
        />
      </Section>
      <Section title="Scope" count={span().scope.attributes.length}>
        <p class="mono">
          {span().scope.name || '(unnamed)'} {span().scope.version}
        </p>
        <AttributeTable attributes={span().scope.attributes} empty="The scope has no attributes." />
      </Section>
    </aside>
  );
}
