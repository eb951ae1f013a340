import { createMemo, For, onCleanup, Show, type JSX } from 'solid-js';
import { createAnswer } from '../../api/create-answer.ts';
import { createShortcuts } from '../../app/keyboard.tsx';
import { ServiceField } from '../../app/service-field.tsx';
import { createUrlText, createUrlTimeRange, useUrlPatch } from '../../app/url-state.ts';
import { withRange } from '../../app/with-range.ts';
import { Button, SearchBox, SelectField } from '../../ui/controls.tsx';
import { formatCount } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { Moment } from '../../ui/moment.tsx';
import { AnswerView, EmptyState } from '../../ui/states.tsx';
import { useOf } from '../facets/search-terms.ts';
import { LogsHead } from './logs-head.tsx';
import { PatternRow } from './pattern-row.tsx';
import { leastSeverity, patternKey, TREND_OPTIONS } from './pattern-words.ts';
import { SEVERITY_OPTIONS } from './severity-options.ts';
import './logs.css';
import './patterns.css';

const LIMIT = 200;
const REFRESH_MS = 10_000;
const HEADINGS = ['Trend', 'Severity', 'Pattern', 'Service', 'Last 4 h', 'Rate', 'Records', 'Share', 'Seen'];

/** What log records have in common: news first. It is asked for anew as time goes on. */
export function LogPatterns(): JSX.Element {
  const [service, severity] = [createUrlText('service'), createUrlText('severity')];
  const [trend, text] = [createUrlText('trend'), createUrlText('text')];
  const [line, opened] = [createUrlText('q'), createUrlText('pattern')];
  const time = createUrlTimeRange();
  const patch = useUrlPatch();
  const answer = createAnswer(() => {
    const least = leastSeverity(severity.value()) ?? '';
    const filter = { service: service.value(), trend: trend.value(), severity: least, text: text.value() };
    return { path: '/api/v1/logs/patterns', query: { ...filter, limit: LIMIT } } as const;
  });
  const clock = setInterval(() => {
    if (!document.hidden) answer.refetch();
  }, REFRESH_MS);
  onCleanup(() => {
    clearInterval(clock);
  });
  const patterns = createMemo(
    () => new Map((answer.data()?.patterns ?? []).map((each) => [patternKey(each), each])),
  );
  // Rows stay what they are while their figures change.
  const keys = createMemo(() => [...patterns().keys()], [], {
    equals: (one, other) => one.join('\n') === other.join('\n'),
  });
  const isFiltered = () => [service, severity, trend, text].some((each) => each.value() !== '');
  const clear = () => {
    patch({ service: '', severity: '', trend: '', text: '' });
  };
  let list: HTMLUListElement | undefined;
  const step = (by: 1 | -1) => {
    const at = keys().indexOf(opened.value());
    const next = keys()[at < 0 ? 0 : at + by];
    if (next === undefined) return;
    opened.set(next);
    list?.querySelectorAll<HTMLButtonElement>('.pattern-row')[keys().indexOf(next)]?.focus();
  };
  createShortcuts([
    {
      keys: ['j'],
      what: 'Next pattern',
      group: 'Logs',
      run: () => {
        step(1);
      },
    },
    {
      keys: ['k'],
      what: 'Previous pattern',
      group: 'Logs',
      run: () => {
        step(-1);
      },
    },
    {
      keys: ['escape'],
      what: 'Close the pattern',
      group: 'Logs',
      run: () => {
        opened.set('');
      },
    },
  ]);
  const found = () => {
    const data = answer.data();
    if (!data) return undefined;
    const all = formatCount(data.count);
    return data.more ? `${formatCount(data.patterns.length)} of ${all}` : all;
  };
  return (
    <div class="page logs-page">
      <LogsHead found={found()} onRefresh={answer.refetch}>
        <Show when={answer.data()?.sinceUnixMs}>
          {(since) => (
            <span class="faint">
              watched since <Moment unixMs={since()} never="–" />
            </span>
          )}
        </Show>
      </LogsHead>
      <div class="page-body fill">
        <div class="filters log-filters" role="search" aria-label="Patterns">
          <ServiceField value={service.value()} onPick={service.set} />
          <SelectField
            label="Severity"
            value={severity.value()}
            options={SEVERITY_OPTIONS}
            onPick={severity.set}
          />
          <SelectField label="Trend" value={trend.value()} options={TREND_OPTIONS} onPick={trend.set} />
          <SearchBox label="Part of the pattern" value={text.value()} onInput={text.set} />
          <Show when={isFiltered()}>
            <Button look="quiet" onClick={clear}>
              Clear
            </Button>
          </Show>
        </div>
        <Show when={line.value()}>
          {(written) => (
            <p class="pattern-line">
              <Icon name="filter" />
              <span class="faint">Records that fit</span> <code class="clip">{written()}</code>
              <a
                class="button small"
                href={withRange('/logs', time.range(), { q: written(), service: service.value() })}
              >
                Show them
                <Icon name="right" />
              </a>
              <Button
                small
                look="quiet"
                onClick={() => {
                  line.set('');
                }}
              >
                Forget
              </Button>
            </p>
          )}
        </Show>
        <div class="panel log-panel" aria-busy={answer.isLoading()}>
          <AnswerView
            what="Patterns"
            answer={answer}
            isEmpty={(data) => data.patterns.length === 0}
            empty={
              <Show
                when={isFiltered()}
                fallback={
                  <EmptyState title="No log record has come yet" icon="inbox">
                    <p>
                      Patterns are learned from the text of log records as they come in, and kept over
                      restarts. The first one is here within seconds.
                    </p>
                  </EmptyState>
                }
              >
                <EmptyState title="No pattern fits" icon="search">
                  <p>Take a filter away, or look among the records.</p>
                  <Button onClick={clear}>Clear the filters</Button>
                </EmptyState>
              </Show>
            }
          >
            {() => (
              <div class="pattern-table">
                <div class="pattern-head" aria-hidden="true">
                  <For each={HEADINGS}>{(heading) => <span>{heading}</span>}</For>
                </div>
                <ul ref={list} aria-label="Log patterns, news first">
                  <For each={keys()}>
                    {(key) => (
                      <Show when={patterns().get(key)}>
                        {(pattern) => (
                          <PatternRow
                            pattern={pattern()}
                            use={useOf(line.value(), pattern().query)}
                            isOpen={opened.value() === key}
                            nowMs={answer.answeredAtMs() ?? Date.now()}
                            onToggle={() => {
                              opened.set(opened.value() === key ? '' : key);
                            }}
                          />
                        )}
                      </Show>
                    )}
                  </For>
                </ul>
              </div>
            )}
          </AnswerView>
        </div>
      </div>
    </div>
  );
}
