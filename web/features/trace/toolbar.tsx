import { Show, type JSX } from 'solid-js';
import { Button, IconButton, SearchBox } from '../../ui/controls.tsx';
import type { TraceView } from './create-trace-view.ts';

/** Search among the spans of a trace, and what is shown of them. */
export function Toolbar(props: { readonly view: TraceView }): JSX.Element {
  const count = () => props.view.matches()?.size;
  const highLatency = () => `duration>${Math.ceil(props.view.tree.durationNs / 2e3)}us`;
  return (
    <div class="trace-toolbar">
      <SearchBox
        label="Search spans"
        placeholder="text, service:cart, status:error, http.route=/pay, duration>100ms"
        value={props.view.search()}
        onInput={(text) => {
          props.view.setSearch(text);
        }}
        onCommit={() => {
          props.view.nextMatch(1);
        }}
      />
      <Show when={count() !== undefined}>
        <span class="match-count" role="status">
          {props.view.matchPosition() < 0 ? '' : `${props.view.matchPosition() + 1} of `}
          {count()} {count() === 1 ? 'match' : 'matches'}
        </span>
        <IconButton
          small
          icon="up"
          label="Previous match"
          onClick={() => {
            props.view.nextMatch(-1);
          }}
        />
        <IconButton
          small
          icon="down"
          label="Next match"
          onClick={() => {
            props.view.nextMatch(1);
          }}
        />
        <Button
          small
          aria-pressed={props.view.isOnlyMatches()}
          onClick={() => {
            props.view.setOnlyMatches(!props.view.isOnlyMatches());
          }}
        >
          Only matches
        </Button>
      </Show>
      <Button
        small
        aria-pressed={props.view.critical() !== undefined}
        onClick={() => {
          props.view.toggleCritical();
        }}
      >
        Critical path
      </Button>
      <Button
        small
        aria-pressed={props.view.search() === 'status:error'}
        onClick={() => {
          props.view.setSearch(props.view.search() === 'status:error' ? '' : 'status:error');
        }}
      >
        Errors
      </Button>
      <Button
        small
        title="Spans that took more than half of the trace's time"
        aria-pressed={props.view.search() === highLatency()}
        onClick={() => {
          props.view.setSearch(props.view.search() === highLatency() ? '' : highLatency());
        }}
      >
        High latency
      </Button>
      <Button
        small
        look="quiet"
        onClick={() => {
          props.view.expandAll();
        }}
      >
        Expand all
      </Button>
      <Button
        small
        look="quiet"
        onClick={() => {
          props.view.collapseAll();
        }}
      >
        Collapse all
      </Button>
      <Button
        small
        look="quiet"
        icon="zoomOut"
        disabled={!props.view.isZoomed()}
        onClick={() => {
          props.view.resetZoom();
        }}
      >
        Reset zoom
      </Button>
    </div>
  );
}
