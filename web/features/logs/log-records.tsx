import { createMemo, Show, type JSX } from 'solid-js';
import { createAnswer } from '../../api/create-answer.ts';
import { createChange } from '../../api/create-change.ts';
import { SaveButtons } from '../../api/save-buttons.tsx';
import { saveAnswer, type SavedFormat } from '../../api/save-answer.ts';
import { SavedViews } from '../../app/saved-views.tsx';
import { ServiceField } from '../../app/service-field.tsx';
import { TimePicker } from '../../app/time-picker.tsx';
import { createUrlText, createUrlTimeRange } from '../../app/url-state.ts';
import { Button, SelectField } from '../../ui/controls.tsx';
import { FormProblem } from '../../ui/form.tsx';
import { formatCount } from '../../ui/format.ts';
import { SearchLine } from '../../ui/search-line.tsx';
import { AnswerView, EmptyState } from '../../ui/states.tsx';
import { BuilderButton } from '../facets/condition-builder.tsx';
import { createFacetsSwitch, FacetsButton, FacetsPanel } from '../facets/facets-panel.tsx';
import { lineOf } from '../facets/search-terms.ts';
import { LogHistogram } from './log-histogram.tsx';
import { LogList } from './log-list.tsx';
import { LogsHead } from './logs-head.tsx';
import { SEVERITY_OPTIONS } from './severity-options.ts';
import './logs.css';

const LIMIT = 1_000;
const MOST_SAVED = 5_000;

/** Records that fit, newest first, with how many there were by severity and time. */
export function LogRecords(): JSX.Element {
  const time = createUrlTimeRange();
  const [service, line, severity] = [createUrlText('service'), createUrlText('q'), createUrlText('severity')];
  const facets = createFacetsSwitch();
  const request = (limit: number) => {
    const query = {
      from: time.range().from,
      to: time.range().to,
      service: service.value(),
      q: line.value(),
      minSeverity: severity.value(),
      limit,
    };
    return { path: '/api/v1/logs', query } as const;
  };
  const answer = createAnswer(() => request(LIMIT));
  const saving = createChange(
    (format: SavedFormat) => saveAnswer(request(MOST_SAVED), format, 'logs'),
    () => undefined,
  );
  const wholeLine = createMemo(() =>
    lineOf(line.value(), { service: service.value(), minSeverity: severity.value() }),
  );
  const found = () => {
    const data = answer.data();
    if (!data) return undefined;
    return data.more ? `newest ${formatCount(data.logs.length)}` : formatCount(data.logs.length);
  };
  return (
    <div class="page logs-page">
      <LogsHead found={found()} onRefresh={answer.refetch}>
        <SavedViews page="logs" />
        <FacetsButton isOpen={facets.isOpen()} onToggle={facets.toggle} />
        <SaveButtons what={`the newest ${formatCount(MOST_SAVED)} records`} saving={saving} />
        <TimePicker />
      </LogsHead>
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
          <BuilderButton signal="logs" range={time.range()} line={line.value()} onWrite={line.set} />
          <Button type="submit" look="primary" disabled={answer.isLoading()}>
            Search
          </Button>
        </form>
        <FormProblem problem={saving.problem()} />
        <LogHistogram line={wholeLine()} askedAtMs={answer.answeredAtMs()} />
        <div class="grow log-body" classList={{ 'with-facets': facets.isOpen() }}>
          <Show when={facets.isOpen()}>
            <FacetsPanel
              signal="logs"
              range={time.range()}
              line={wholeLine()}
              written={line.value()}
              onWrite={line.set}
            />
          </Show>
          <div class="panel log-panel" aria-busy={answer.isLoading()}>
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
              {(data) => <LogList logs={data().logs} />}
            </AnswerView>
          </div>
        </div>
      </div>
    </div>
  );
}
