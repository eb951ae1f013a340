import { useParams } from '@solidjs/router';
import { createMemo, createSignal, For, Show, type JSX } from 'solid-js';
import type { InsightJson, JudgedInsightJson } from '../../../proto/api/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { useInsights } from '../../app/insights.tsx';
import { ServiceChip } from '../../ui/chips.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Moment } from '../../ui/moment.tsx';
import { servicePath } from '../../ui/service-id.ts';
import { AnswerView } from '../../ui/states.tsx';
import { CommonAttributes, type AttributeEvidence } from './common-attributes.tsx';
import { EvidenceItem } from './evidence-item.tsx';
import { Feedback, type Judgement } from './feedback.tsx';
import { ForecastChart } from './forecast-chart.tsx';
import { KindBadge, SeverityMark, StateBadge } from './insight-marks.tsx';
import { lastingText, savingText, signalFormat, withoutSaving } from './insight-words.ts';
import { RootCauses } from './root-causes.tsx';
import { SignalChart, type SignalEvidence } from './signal-chart.tsx';
import './insights.css';

const FORECAST_FROM = 'now-7d';
const FORECAST_HORIZON = '14d';

function Facts(props: { readonly insight: InsightJson }): JSX.Element {
  return (
    <dl class="insight-facts">
      <div>
        <dt>Began</dt>
        <dd>
          <Moment unixMs={props.insight.startedUnixMs} never="" />
        </dd>
      </div>
      <div>
        <dt>Found</dt>
        <dd>
          <Moment unixMs={props.insight.detectedUnixMs} never="" />
        </dd>
      </div>
      <div>
        <dt>{props.insight.state === 'open' ? 'Holds' : 'Held'}</dt>
        <dd>{lastingText(props.insight, Date.now())}</dd>
      </div>
      <div title="0.5 and more is abnormal, whatever the series">
        <dt>Score</dt>
        <dd>{props.insight.score.toFixed(2)}</dd>
      </div>
      <div class="grow">
        <dt>Affected</dt>
        <dd class="insight-services">
          <For each={props.insight.services.length > 0 ? props.insight.services : [props.insight.service]}>
            {(service) => (
              <a href={servicePath(service.id)}>
                <ServiceChip id={service.id} />
              </a>
            )}
          </For>
        </dd>
      </div>
    </dl>
  );
}

/** What joined it later, and causes that took the place of others. */
function Course(props: { readonly insight: InsightJson }): JSX.Element {
  return (
    <Show when={props.insight.course?.length}>
      <ul class="insight-course" aria-label="Since then">
        <For each={props.insight.course}>
          {({ atUnixMs, service, what }) => (
            <li>
              <span class="faint">
                since <Moment unixMs={atUnixMs} never="" />
              </span>{' '}
              <ServiceChip id={service.id} /> {what}
            </li>
          )}
        </For>
      </ul>
    </Show>
  );
}

function Saturation(props: { readonly insight: InsightJson }): JSX.Element {
  return (
    <Show when={props.insight.saturation}>
      {(saturation) => {
        const format = () => signalFormat(saturation().unit);
        return (
          <section class="panel insight-block" aria-label="Capacity">
            <header class="panel-head">
              <h2>{saturation().resource}</h2>
              <span class="faint">
                {format()(saturation().current)} of {format()(saturation().limit)}
              </span>
            </header>
            <p class="forecast-note">
              Full{' '}
              <b>
                <Moment unixMs={saturation().reachedUnixMs} never="at no time that is foreseen" />
              </b>
              , with 80 % between <Moment unixMs={saturation().earliestUnixMs} never="now" /> and{' '}
              <Moment unixMs={saturation().latestUnixMs} never="later than foreseen, or never" />.
            </p>
            <Show when={saturation().query}>
              {(query) => (
                <ForecastChart
                  title={saturation().resource}
                  query={query()}
                  unit={saturation().unit}
                  from={FORECAST_FROM}
                  horizon={FORECAST_HORIZON}
                  limit={saturation().limit}
                />
              )}
            </Show>
          </section>
        );
      }}
    </Show>
  );
}

function TipBlock(props: { readonly insight: InsightJson }): JSX.Element {
  return (
    <Show when={props.insight.tip}>
      {(tip) => (
        <p class="insight-tip">
          <span class="badge">{tip().category}</span>{' '}
          <Show when={tip().saving !== null && tip().saving} fallback={withoutSaving(tip().category)}>
            {(value) => (
              <>
                Saves about <b>{savingText(value(), tip().savingUnit)}</b>.
              </>
            )}
          </Show>
        </p>
      )}
    </Show>
  );
}

function Detail(props: { readonly judged: JudgedInsightJson }): JSX.Element {
  const [said, setSaid] = createSignal<Judgement>();
  const signals = createMemo(() =>
    props.judged.evidence.filter((one): one is SignalEvidence => one.type === 'signal'),
  );
  const drawn = createMemo(() => signals().filter(({ chart }) => chart.values.length > 0));
  const others = createMemo(() =>
    props.judged.evidence.filter(({ type }) => type !== 'signal' && type !== 'attribute'),
  );
  const attributes = createMemo(() => {
    const [first, ...more] = props.judged.evidence.filter(
      (one): one is AttributeEvidence => one.type === 'attribute',
    );
    return first && ([first, ...more] as const);
  });
  return (
    <article class="insight-detail">
      <section class="panel insight-block" aria-label="Summary">
        <header class="insight-head">
          <span class="insight-badges">
            <SeverityMark insight={props.judged} />
            <StateBadge insight={props.judged} />
            <KindBadge insight={props.judged} />
          </span>
          <h2>{props.judged.title}</h2>
          <p>{props.judged.explanation}</p>
          <TipBlock insight={props.judged} />
        </header>
        <Facts insight={props.judged} />
        <Course insight={props.judged} />
        <Feedback id={props.judged.id} feedback={said() ?? props.judged.feedback} onJudged={setSaid} />
      </section>
      <Saturation insight={props.judged} />
      <Show when={attributes()}>
        {(found) => <CommonAttributes attributes={found()} insight={props.judged} />}
      </Show>
      <Show when={props.judged.rootCauses.length > 0}>
        <RootCauses insight={props.judged} />
      </Show>
      <Show when={drawn().length > 0}>
        <div class="signal-charts">
          <For each={drawn()}>
            {(signal) => <SignalChart evidence={signal} startedUnixMs={props.judged.startedUnixMs} />}
          </For>
        </div>
      </Show>
      <Show when={signals().length + others().length > 0}>
        <section class="panel" aria-label="Evidence">
          <header class="panel-head">
            <h2>Evidence</h2>
          </header>
          <ul class="evidences">
            <For each={[...signals(), ...others()]}>
              {(evidence) => <EvidenceItem evidence={evidence} insight={props.judged} />}
            </For>
          </ul>
        </section>
      </Show>
    </article>
  );
}

function InsightView(props: { readonly id: string }): JSX.Element {
  const live = useInsights();
  const answer = createAnswer(
    () => ({ path: '/api/v1/insights/:insightId', params: { insightId: props.id } }) as const,
  );
  const current = (answered: JudgedInsightJson): JudgedInsightJson => {
    live?.version();
    const newer = live?.store.get(answered.id);
    return newer && newer.updatedUnixMs > answered.updatedUnixMs
      ? { ...newer, feedback: answered.feedback }
      : answered;
  };
  return (
    <div class="page">
      <header class="page-head">
        <a class="button quiet icon-only" href="/insights" aria-label="Back to all insights">
          <Icon name="back" />
        </a>
        <h1 class="clip">Insight</h1>
        <Show when={answer.data()}>{(data) => <ServiceChip id={data().service.id} />}</Show>
      </header>
      <div class="page-body insights">
        <AnswerView what="The insight" answer={answer}>
          {(data) => <Detail judged={current(data())} />}
        </AnswerView>
      </div>
    </div>
  );
}

/** One insight: what is said, why it is thought so, what it comes from, and what speaks for it. */
export function InsightPage(): JSX.Element {
  const params = useParams<{ insightId: string }>();
  return (
    <Show when={params.insightId} keyed>
      {(id) => <InsightView id={id} />}
    </Show>
  );
}
