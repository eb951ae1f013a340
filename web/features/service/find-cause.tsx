import { createSignal, For, Show, type JSX } from 'solid-js';
import type { ApiAnswers } from '../../../proto/api/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { useSession } from '../../app/session.tsx';
import { createUrlTimeRange } from '../../app/url-state.ts';
import { Button } from '../../ui/controls.tsx';
import { Moment } from '../../ui/moment.tsx';
import { parseServiceId } from '../../ui/service-id.ts';
import { AnswerView, EmptyState } from '../../ui/states.tsx';
import { CommonAttributes } from '../insights/common-attributes.tsx';
import { EvidenceItem } from '../insights/evidence-item.tsx';
import { RootCauses } from '../insights/root-causes.tsx';
import type { Trouble } from '../insights/trouble.ts';
import '../insights/insights.css';
import { askedSpan } from './asked-span.ts';

type RootCausesAnswer = ApiAnswers['/api/v1/root-causes'];

const NOTHING = 'Nothing stands out';
const TITLES: Readonly<Partial<Record<NonNullable<RootCausesAnswer['reason']>, string>>> = {
  'too-new': 'Too little is known so far',
  'unknown-service': 'Nothing is known of this service',
};

function troubleOf(service: string, found: RootCausesAnswer): Trouble {
  return {
    service: { id: service, ...parseServiceId(service) },
    rootCauses: found.rootCauses,
    startedUnixMs: found.startedUnixMs ?? found.untilUnixMs,
    updatedUnixMs: found.untilUnixMs,
    endedUnixMs: null,
  };
}

function Changed(props: { readonly found: RootCausesAnswer; readonly trouble: Trouble }): JSX.Element {
  return (
    <section class="panel" aria-label="What changed">
      <header class="panel-head">
        <h2>What changed</h2>
        <span class="faint">
          since <Moment unixMs={props.found.startedUnixMs} never="then" />, what users suffer from first
        </span>
      </header>
      <ul class="evidences">
        <For each={props.found.changed}>
          {(evidence) => <EvidenceItem evidence={evidence} insight={props.trouble} />}
        </For>
      </ul>
    </section>
  );
}

function Found(props: { readonly service: string; readonly found: RootCausesAnswer }): JSX.Element {
  const trouble = () => troubleOf(props.service, props.found);
  const attributes = () => {
    const [first, ...more] = props.found.inCommon;
    return first && ([first, ...more] as const);
  };
  return (
    <div class="found-cause">
      <p>{props.found.explanation}</p>
      <Show when={props.found.rootCauses.length > 0}>
        <RootCauses insight={trouble()} />
      </Show>
      <Show when={attributes()}>
        {(common) => <CommonAttributes attributes={common()} insight={trouble()} />}
      </Show>
      <Changed found={props.found} trouble={trouble()} />
    </div>
  );
}

/** Asks, when one wants to know, why the service is not as it was: of the range that is shown, with the analysis that insights have. */
function AskForCause(props: { readonly service: string }): JSX.Element {
  const time = createUrlTimeRange();
  const [asked, setAsked] = createSignal<{ readonly since: string; readonly until: string }>();
  const answer = createAnswer(() => {
    const span = asked();
    return span && ({ path: '/api/v1/root-causes', query: { service: props.service, ...span } } as const);
  });
  const isShown = () => askedSpan(time.range(), Date.now()) === time.range();
  const ask = (): void => {
    const { from, to } = askedSpan(time.range(), Date.now());
    setAsked({ since: from, until: to });
  };
  return (
    <section class="find-cause" aria-label="Cause">
      <div class="ask-cause">
        <Button icon="search" look="quiet" aria-busy={answer.isLoading()} onClick={ask}>
          Find the cause
        </Button>
        <span class="faint">
          of what is other than before, {isShown() ? 'in the range chosen above' : 'in the last 15 minutes'}
        </span>
      </div>
      <div aria-live="polite">
        <Show when={asked()}>
          <AnswerView
            what="The cause"
            answer={answer}
            isEmpty={({ changed }) => changed.length === 0}
            empty={
              <EmptyState title={TITLES[answer.data()?.reason ?? 'nothing-changed'] ?? NOTHING} icon="check">
                <p>{answer.data()?.explanation}</p>
              </EmptyState>
            }
          >
            {(found) => (
              <Show when={found()} keyed>
                {(one) => <Found service={props.service} found={one} />}
              </Show>
            )}
          </AnswerView>
        </Show>
      </div>
    </section>
  );
}

/** Nothing for whoever may not see insights. */
export function FindCause(props: { readonly service: string }): JSX.Element {
  const session = useSession();
  return (
    <Show when={session.me().permissions.includes('insights:read')}>
      <AskForCause service={props.service} />
    </Show>
  );
}
