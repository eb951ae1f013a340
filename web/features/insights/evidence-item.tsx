import { For, Match, Show, Switch, type JSX } from 'solid-js';
import type { InsightEvidenceJson } from '../../../proto/api/index.ts';
import { ServiceChip } from '../../ui/chips.tsx';
import { exactCount, formatCount, formatDurationMs, formatRatio } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { Moment } from '../../ui/moment.tsx';
import { evidenceLinks } from './evidence-links.ts';
import { signalFormat } from './insight-words.ts';
import { SignalChart, signalTitle } from './signal-chart.tsx';
import type { Trouble } from './trouble.ts';

type Of<Type extends InsightEvidenceJson['type']> = Extract<InsightEvidenceJson, { readonly type: Type }>;

function of<Type extends InsightEvidenceJson['type']>(
  evidence: InsightEvidenceJson,
  type: Type,
): Of<Type> | undefined {
  return evidence.type === type ? (evidence as Of<Type>) : undefined;
}

const NAMES: Readonly<Record<InsightEvidenceJson['type'], string>> = {
  signal: 'Signal',
  trace: 'Trace',
  'log-pattern': 'Logs',
  error: 'Error',
  change: 'Change',
  attribute: 'In common',
  'new-attribute': 'Attribute',
  explains: 'Explains',
};

function Signal(props: { readonly evidence: Of<'signal'> }): JSX.Element {
  const format = () => signalFormat(props.evidence.unit);
  return (
    <>
      <b>{signalTitle(props.evidence)}</b> was {format()(props.evidence.observed)}
      <Show when={props.evidence.expected !== null && props.evidence.expected}>
        {(expected) => <>, {format()(expected())} was expected</>}
      </Show>
      <span class="faint">
        {' '}
        · {props.evidence.detector}, score {props.evidence.score.toFixed(2)}
      </span>
    </>
  );
}

function Said(props: { readonly evidence: InsightEvidenceJson }): JSX.Element {
  return (
    <Switch>
      <Match when={of(props.evidence, 'signal')}>{(one) => <Signal evidence={one()} />}</Match>
      <Match when={of(props.evidence, 'trace')}>
        {(one) => (
          <>
            <b>{one().operation}</b> took {formatDurationMs(one().durationMs)}
            <Show when={one().isError}> and failed</Show>
            <Show when={one().note}>{(note) => <span class="dim">: {note()}</span>}</Show>
          </>
        )}
      </Match>
      <Match when={of(props.evidence, 'log-pattern')}>
        {(one) => (
          <>
            <span class="badge">{one().trend}</span> {formatCount(one().perMinuteAfter)} a minute, before{' '}
            {formatCount(one().perMinuteBefore)}
            <code class="template">{one().template}</code>
            <Show when={one().example && one().example !== one().template}>
              <code class="template faint">{one().example}</code>
            </Show>
          </>
        )}
      </Match>
      <Match when={of(props.evidence, 'error')}>
        {(one) => (
          <>
            <Show when={one().isNew}>
              <span class="badge error">new</span>{' '}
            </Show>
            <b class="mono">{one().exceptionType}</b> {exactCount(one().count)} times in{' '}
            {one().operation || 'all operations'}
            <code class="template">{one().message}</code>
          </>
        )}
      </Match>
      <Match when={of(props.evidence, 'change')}>
        {(one) => (
          <>
            <b>{one().what}</b> at <Moment unixMs={one().atUnixMs} never="an unknown time" />
          </>
        )}
      </Match>
      <Match when={of(props.evidence, 'attribute')}>
        {(one) => (
          <>
            <b class="mono">
              {one().field}={one().value}
            </b>{' '}
            is in {formatRatio(one().shareOfAbnormal)} of what is abnormal, and in{' '}
            {formatRatio(one().shareOfNormal)} of the rest
          </>
        )}
      </Match>
      <Match when={of(props.evidence, 'new-attribute')}>
        {(one) => (
          <>
            <span class="badge">new</span> <b class="mono">{one().field}</b> on {exactCount(one().count)}{' '}
            spans of those looked at
          </>
        )}
      </Match>
      <Match when={of(props.evidence, 'explains')}>
        {(one) => (
          <>
            <b>{formatRatio(one().share)}</b> of the trouble of {one().caller.name}, which calls it
          </>
        )}
      </Match>
    </Switch>
  );
}

/** A piece of evidence, in words, and where one looks at it oneself. */
export function EvidenceItem(props: {
  readonly evidence: InsightEvidenceJson;
  readonly insight: Trouble;
  readonly withChart?: boolean;
}): JSX.Element {
  const service = () => (props.evidence.type === 'explains' ? undefined : props.evidence.service);
  return (
    <li class="evidence">
      <span class="evidence-name faint">{NAMES[props.evidence.type]}</span>
      <div class="evidence-said">
        <Show when={service()?.id !== props.insight.service.id && service()}>
          {(other) => <ServiceChip id={other().id} />}
        </Show>{' '}
        <Said evidence={props.evidence} />
        <Show when={props.withChart === true && of(props.evidence, 'signal')}>
          {(signal) => <SignalChart evidence={signal()} startedUnixMs={props.insight.startedUnixMs} />}
        </Show>
      </div>
      <span class="evidence-links">
        <For each={evidenceLinks(props.evidence, props.insight)}>
          {({ label, href }) => (
            <a class="button small" href={href}>
              {label}
              <Icon name="right" />
            </a>
          )}
        </For>
      </span>
    </li>
  );
}
