import { Show, type JSX } from 'solid-js';
import type { LogJson } from '../../../proto/api/index.ts';
import { usePreferences } from '../../app/preferences.tsx';
import { textOfValue } from '../../ui/any-value.ts';
import { ServiceChip, SeverityBadge } from '../../ui/chips.tsx';
import { formatTimeNs } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { timeOf } from './histogram.ts';
import './logs.css';

const LONGEST_SHOWN = 1_000;

/** One line of a record; what is longer is in its detail. */
export function LogRow(props: {
  readonly log: LogJson;
  readonly isSelected: boolean;
  readonly onSelect?: () => void;
}): JSX.Element {
  const preferences = usePreferences();
  return (
    <div
      class="grid-row log-row"
      classList={{ clickable: props.onSelect !== undefined }}
      role="row"
      aria-selected={props.isSelected}
      onClick={() => {
        props.onSelect?.();
      }}
    >
      <span role="cell" class="mono dim">
        {formatTimeNs(timeOf(props.log), preferences.zone()).slice(5)}
      </span>
      <span role="cell">
        <SeverityBadge number={props.log.severityNumber} text={props.log.severityText} />
      </span>
      <span role="cell" class="clip">
        <ServiceChip id={props.log.service.id} />
      </span>
      <span role="cell" class="mono clip">
        {textOfValue(props.log.body).slice(0, LONGEST_SHOWN) || props.log.eventName}
      </span>
      <span role="cell">
        <Show when={props.log.traceId}>
          <a
            class="row-link"
            href={`/traces/${props.log.traceId}${props.log.spanId && `?span=${props.log.spanId}`}`}
            title="Open the trace"
            aria-label="Open the trace"
            onClick={(event) => {
              event.stopPropagation();
            }}
          >
            <Icon name="link" />
          </a>
        </Show>
      </span>
    </div>
  );
}
