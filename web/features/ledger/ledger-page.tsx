import { For, onCleanup, Show, type JSX } from 'solid-js';
import type { LedgerEntryJson, LedgerJson } from '../../../proto/api/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { usePreferences } from '../../app/preferences.tsx';
import { exactCount, formatDateTime } from '../../ui/format.ts';
import { AnswerView } from '../../ui/states.tsx';
import { linesOfKept, linesOfSent, type LedgerLine } from './ledger-lines.ts';
import './ledger.css';

const REFRESH_MS = 2_000;
const SIGNALS = [
  { key: 'traces', title: 'Spans' },
  { key: 'metrics', title: 'Metric points' },
  { key: 'logs', title: 'Log records' },
] as const;

function Verdict(props: { readonly unexplained: number }): JSX.Element {
  return (
    <Show
      when={props.unexplained !== 0}
      fallback={
        <span class="badge ok" title="Every item that was sent is accounted for">
          Balanced
        </span>
      }
    >
      <span class="badge error">{exactCount(props.unexplained)} unexplained</span>
    </Show>
  );
}

function Line(props: { readonly line: LedgerLine }): JSX.Element {
  return (
    <>
      <tr classList={{ nil: props.line.items === 0 }}>
        <th scope="row">
          <span class={`mark ${props.line.tone}`} aria-hidden="true" />
          {props.line.label}
        </th>
        <td class="about">{props.line.about}</td>
        <td class="num">{exactCount(props.line.items)}</td>
      </tr>
      <For each={props.line.parts}>
        {(part) => (
          <tr class="part">
            <td />
            <td class="about">{part.label}</td>
            <td class="num">{exactCount(part.items)}</td>
          </tr>
        )}
      </For>
    </>
  );
}

function Account(props: {
  readonly title: string;
  readonly total: number;
  readonly lines: readonly LedgerLine[];
}): JSX.Element {
  return (
    <table class="account">
      <thead>
        <tr>
          <th scope="col" colSpan={2}>
            {props.title}
          </th>
          <td class="num">{exactCount(props.total)}</td>
        </tr>
      </thead>
      <tbody>
        <For each={props.lines}>{(line) => <Line line={line} />}</For>
      </tbody>
    </table>
  );
}

/** Shares of all that was sent; the figures beside it say the same in numbers. */
function Shares(props: { readonly lines: readonly LedgerLine[] }): JSX.Element {
  return (
    <div class="shares" aria-hidden="true">
      <For each={props.lines.filter(({ items }) => items > 0)}>
        {(line) => <span class={line.tone} style={{ 'flex-grow': line.items }} />}
      </For>
    </div>
  );
}

function SignalLedger(props: { readonly title: string; readonly entry: LedgerEntryJson }): JSX.Element {
  return (
    <section class="panel ledger" aria-label={props.title}>
      <header class="panel-head">
        <h2>{props.title}</h2>
        <Verdict unexplained={props.entry.unexplained} />
        <span class="grow" />
        <span class="faint">
          {exactCount(props.entry.requests)} {props.entry.requests === 1 ? 'request' : 'requests'}
        </span>
        <Show when={props.entry.undecodableRequests > 0}>
          <span class="badge error">{exactCount(props.entry.undecodableRequests)} not OTLP</span>
        </Show>
      </header>
      <Shares lines={linesOfSent(props.entry)} />
      <div class="accounts">
        <Account title="Sent" total={props.entry.sent} lines={linesOfSent(props.entry)} />
        <Account
          title={props.entry.replayed > 0 ? 'Accepted, with those from before the start' : 'Accepted'}
          total={props.entry.accepted + props.entry.replayed}
          lines={linesOfKept(props.entry)}
        />
      </div>
    </section>
  );
}

function Signals(props: { readonly ledger: LedgerJson }): JSX.Element {
  return (
    <div class="ledgers">
      <For each={SIGNALS}>
        {({ key, title }) => <SignalLedger title={title} entry={props.ledger.signals[key]} />}
      </For>
    </div>
  );
}

/** What became of every item that any application sent. */
export function LedgerPage(): JSX.Element {
  const preferences = usePreferences();
  const answer = createAnswer(() => ({ path: '/api/v1/ledger' }) as const);
  const refreshing = setInterval(() => {
    if (!document.hidden) answer.refetch();
  }, REFRESH_MS);
  onCleanup(() => {
    clearInterval(refreshing);
  });
  return (
    <div class="page">
      <header class="page-head">
        <h1>Ledger</h1>
        <span class="faint">
          <Show when={answer.data()}>
            {(ledger) => <>Since {formatDateTime(ledger().sinceUnixMs, preferences.zone())}</>}
          </Show>
        </span>
        <span class="grow" />
        <a class="link" href="/api/v1/ledger" target="_blank" rel="noreferrer">
          As JSON
        </a>
      </header>
      <AnswerView what="The ledger" answer={answer}>
        {(ledger) => <Signals ledger={ledger()} />}
      </AnswerView>
    </div>
  );
}
