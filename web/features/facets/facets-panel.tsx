import { createSignal, For, Show, type Accessor, type JSX } from 'solid-js';
import type { DiffJson, FacetsJson, Query } from '../../../proto/api/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import type { TimeRange } from '../../app/time-range.ts';
import { createUrlText, useUrlPatch } from '../../app/url-state.ts';
import { Button, IconButton, Segmented } from '../../ui/controls.tsx';
import { exactCount, formatCount, formatRatio } from '../../ui/format.ts';
import { Moment } from '../../ui/moment.tsx';
import { AnswerView, EmptyState } from '../../ui/states.tsx';
import { termOf, toggled, useOf, type TermUse } from './search-terms.ts';
import './facets.css';

type Signal = 'traces' | 'logs';

const ITEMS = { traces: 'spans', logs: 'records' } as const;
const SHOWN_VALUES = 5;
const ASKED_VALUES = 20;

interface PanelProps {
  readonly signal: Signal;
  readonly range: TimeRange;
  /** All that narrows the list, as one search line. */
  readonly line: string;
  /** The part of it that the reader writes; picked values go there. */
  readonly written: string;
  readonly onWrite: (line: string) => void;
}

/** Whether facets are beside the list: kept in the URL. */
export function createFacetsSwitch(): { readonly isOpen: Accessor<boolean>; readonly toggle: () => void } {
  const open = createUrlText('facets');
  return {
    isOpen: () => open.value() !== '',
    toggle() {
      open.set(open.value() === '' ? '1' : '');
    },
  };
}

export function FacetsButton(props: {
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}): JSX.Element {
  return (
    <Button
      icon="filter"
      aria-pressed={props.isOpen}
      onClick={() => {
        props.onToggle();
      }}
    >
      Facets
    </Button>
  );
}

const VIEWS = [
  { value: 'values', label: 'Values' },
  { value: 'differs', label: 'What differs' },
] as const;

/** Fields of what is listed, with counts; or how its fields differ from everything else at the time. */
export function FacetsPanel(props: PanelProps): JSX.Element {
  const view = createUrlText('facet-view');
  const [filter, setFilter] = createSignal('');
  const isDiff = () => view.value() === 'differs';
  const isWanted = (field: string) => field.toLowerCase().includes(filter());
  return (
    <aside class="panel facets" aria-label="Facets">
      <header class="facets-head">
        <Segmented
          label="What to show of fields"
          value={isDiff() ? 'differs' : 'values'}
          options={VIEWS}
          onPick={(picked) => {
            view.set(picked === 'values' ? '' : picked);
          }}
        />
        <input
          class="input"
          type="search"
          aria-label="Filter fields"
          placeholder="Filter fields"
          value={filter()}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => setFilter(event.currentTarget.value.trim().toLowerCase())}
        />
      </header>
      <div class="facets-body">
        <Show when={isDiff()} fallback={<Values {...props} isWanted={isWanted} />}>
          <Differences {...props} isWanted={isWanted} />
        </Show>
      </div>
    </aside>
  );
}

type ListProps = PanelProps & { readonly isWanted: (field: string) => boolean };

function Values(props: ListProps): JSX.Element {
  const answer = createAnswer(
    () =>
      ({ path: `/api/v1/${props.signal}/facets`, query: queryOf(props, { values: ASKED_VALUES }) }) as const,
  );
  return (
    <AnswerView
      what="Facets"
      answer={answer}
      isEmpty={(data) => data.fields.length === 0}
      empty={<EmptyState title="No field to show" icon="filter" />}
    >
      {(data) => (
        <For each={data().fields.filter(({ field }) => props.isWanted(field))}>
          {(facet) => <Facet facet={facet} all={data().count} list={props} />}
        </For>
      )}
    </AnswerView>
  );
}

function Facet(props: {
  readonly facet: FacetsJson['fields'][number];
  readonly all: number;
  readonly list: ListProps;
}): JSX.Element {
  const [isLong, setLong] = createSignal(false);
  const shown = () => (isLong() ? props.facet.values : props.facet.values.slice(0, SHOWN_VALUES));
  const isCut = () => props.facet.values.length > SHOWN_VALUES;
  return (
    <section class="facet">
      <h3
        title={`${exactCount(props.facet.present)} of ${exactCount(props.all)} ${ITEMS[props.list.signal]}`}
      >
        <span class="clip mono">{props.facet.field}</span>
        <Show when={props.facet.present < props.all}>
          <span class="faint">{formatRatio(props.facet.present / props.all)}</span>
        </Show>
      </h3>
      <ul>
        <For each={shown()}>
          {({ value, count }) => (
            <FacetValue
              value={value}
              term={termOf(props.facet.field, value)}
              list={props.list}
              note={formatCount(count)}
              title={`${value}: ${exactCount(count)} ${ITEMS[props.list.signal]}`}
              shares={[count / Math.max(1, props.all)]}
            />
          )}
        </For>
      </ul>
      <Show when={isCut()}>
        <button type="button" class="link-button" onClick={() => setLong(!isLong())}>
          {isLong() ? 'fewer' : `${props.facet.values.length - SHOWN_VALUES} more`}
          {isLong() && props.facet.more ? ' (there are rarer ones)' : ''}
        </button>
      </Show>
    </section>
  );
}

function Differences(props: ListProps): JSX.Element {
  const [against, againstFrom] = [createUrlText('against'), createUrlText('against-from')];
  const patch = useUrlPatch();
  const baseline = (): Query =>
    against.value() === ''
      ? {}
      : {
          baseline: against.value(),
          ...(againstFrom.value() === '' ? {} : { baselineFrom: againstFrom.value() }),
        };
  const answer = createAnswer(() =>
    props.line.trim() === ''
      ? undefined
      : ({
          path: `/api/v1/${props.signal}/diff`,
          query: queryOf(props, { values: SHOWN_VALUES, ...baseline() }),
        } as const),
  );
  return (
    <Show
      when={props.line.trim() !== ''}
      fallback={
        <EmptyState title="Compared with what?" icon="filter">
          <p>Filter the list first: its fields are then compared with all else in the same time.</p>
        </EmptyState>
      }
    >
      <AnswerView
        what="Differences"
        answer={answer}
        isEmpty={(data) => data.fields.length === 0}
        empty={<EmptyState title="Nothing differs" icon="check" />}
      >
        {(data) => (
          <>
            <p class="facets-note">
              <span class="key selection" /> {formatCount(data().counts.selection)} {ITEMS[props.signal]}{' '}
              listed, <span class="key baseline" /> {formatCount(data().counts.baseline)} others
            </p>
            <Show when={against.value() !== ''}>
              <p class="facets-note">
                The others are <code>{against.value()}</code>
                <Show when={Number(againstFrom.value()) > 0}>
                  {' '}
                  since <Moment unixMs={Number(againstFrom.value())} never="" />
                </Show>
                <Button
                  small
                  look="quiet"
                  onClick={() => {
                    patch({ against: '', 'against-from': '' });
                  }}
                >
                  Compare with all else
                </Button>
              </p>
            </Show>
            <For each={data().fields.filter(({ field }) => props.isWanted(field))}>
              {(difference) => <Difference difference={difference} list={props} />}
            </For>
          </>
        )}
      </AnswerView>
    </Show>
  );
}

function Difference(props: {
  readonly difference: DiffJson['fields'][number];
  readonly list: ListProps;
}): JSX.Element {
  return (
    <section class="facet">
      <h3 title="How differently the field is distributed: 0 % alike, 100 % nothing in common">
        <span class="clip mono">{props.difference.field}</span>
        <span class="faint">{formatRatio(props.difference.difference)}</span>
      </h3>
      <ul>
        <For each={props.difference.values}>
          {({ value, selection, baseline }) => (
            <FacetValue
              value={value}
              term={termOf(props.difference.field, value)}
              list={props.list}
              note={`${formatRatio(selection)} / ${formatRatio(baseline)}`}
              title={`${value}: ${formatRatio(selection)} of those listed, ${formatRatio(baseline)} of others`}
              shares={[selection, baseline]}
            />
          )}
        </For>
      </ul>
    </section>
  );
}

function FacetValue(props: {
  readonly value: string;
  readonly term: string;
  readonly list: PanelProps;
  readonly note: string;
  readonly title: string;
  /** Of all, 0 to 1: those listed, and the others it is compared with. */
  readonly shares: readonly number[];
}): JSX.Element {
  const use = (): TermUse => useOf(props.list.written, props.term);
  const write = (want: 'included' | 'excluded') => {
    props.list.onWrite(toggled(props.list.written, props.term, want));
  };
  return (
    <li classList={{ excluded: use() === 'excluded' }} title={props.title}>
      <span class="clip">{props.value === '' ? '(empty)' : props.value}</span>
      <span class="faint num">{props.note}</span>
      <span class="facet-buttons">
        <IconButton
          small
          icon="plus"
          label={`Only ${props.term}`}
          aria-pressed={use() === 'included'}
          onClick={() => {
            write('included');
          }}
        />
        <IconButton
          small
          icon="minus"
          label={`Without ${props.term}`}
          aria-pressed={use() === 'excluded'}
          onClick={() => {
            write('excluded');
          }}
        />
      </span>
      <span class="facet-bars" aria-hidden="true">
        <For each={props.shares}>{(share) => <span style={{ width: `${share * 100}%` }} />}</For>
      </span>
    </li>
  );
}

function queryOf(props: PanelProps, more: Query): Query {
  return { from: props.range.from, to: props.range.to, q: props.line, ...more };
}
