import { Show, type JSX } from 'solid-js';
import type { LogJson } from '../../../proto/api/index.ts';
import { usePreferences } from '../../app/preferences.tsx';
import { textOfValue } from '../../ui/any-value.ts';
import { AttributeTable } from '../../ui/attribute-table.tsx';
import { ServiceChip, SeverityBadge } from '../../ui/chips.tsx';
import { Button, CopyButton, IconButton } from '../../ui/controls.tsx';
import { formatTimeNs } from '../../ui/format.ts';
import { servicePath } from '../../ui/service-id.ts';
import { ValueTree } from '../../ui/value-tree.tsx';
import { timeOf } from './histogram.ts';
import { structuredBody } from './parse-body.ts';

/** One record in full. */
export function LogDetail(props: {
  readonly log: LogJson;
  readonly onShowContext: () => void;
  readonly onClose: () => void;
}): JSX.Element {
  const preferences = usePreferences();
  const body = () => textOfValue(props.log.body);
  return (
    <aside class="log-detail" aria-label="Log record">
      <header>
        <SeverityBadge number={props.log.severityNumber} text={props.log.severityText} />
        <a class="grow" href={servicePath(props.log.service.id)}>
          <ServiceChip id={props.log.service.id} />
        </a>
        <Button
          small
          onClick={() => {
            props.onShowContext();
          }}
        >
          Around it
        </Button>
        <CopyButton text={body()} label="Copy the body" />
        <IconButton
          small
          icon="cross"
          label="Close the record"
          onClick={() => {
            props.onClose();
          }}
        />
      </header>
      <Show when={structuredBody(props.log.body)} fallback={<pre class="log-body-full">{body()}</pre>}>
        {(value) => <ValueTree label="body" value={value()} />}
      </Show>
      <dl class="facts">
        <dt>Time</dt>
        <dd>{formatTimeNs(timeOf(props.log), preferences.zone())}</dd>
        <dt>Observed</dt>
        <dd>{formatTimeNs(props.log.observedTimeUnixNano, preferences.zone())}</dd>
        <dt>Severity</dt>
        <dd>
          {props.log.severityText || '–'} ({props.log.severityNumber})
        </dd>
        <Show when={props.log.eventName}>
          <dt>Event</dt>
          <dd>{props.log.eventName}</dd>
        </Show>
        <Show when={props.log.traceId}>
          <dt>Trace</dt>
          <dd>
            <a
              class="link mono"
              href={`/traces/${props.log.traceId}${props.log.spanId && `?span=${props.log.spanId}`}`}
            >
              {props.log.traceId}
            </a>
          </dd>
        </Show>
      </dl>
      <h3>Attributes</h3>
      <AttributeTable
        attributes={props.log.attributes}
        dropped={props.log.droppedAttributesCount}
        empty="The record has no attributes."
      />
      <h3>Resource</h3>
      <AttributeTable attributes={props.log.resource.attributes} empty="The resource has no attributes." />
      <h3>Scope</h3>
      <p class="mono">
        {props.log.scope.name || '(unnamed)'} {props.log.scope.version}
      </p>
      <AttributeTable attributes={props.log.scope.attributes} empty="The scope has no attributes." />
    </aside>
  );
}
