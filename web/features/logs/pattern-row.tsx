import { createUniqueId, For, Show, type JSX } from 'solid-js';
import type { LogPatternJson } from '../../../proto/api/index.ts';
import { CountBars } from '../../charts/count-bars.tsx';
import { ServiceChip, SeverityBadge } from '../../ui/chips.tsx';
import { exactCount, formatAgo, formatCount, formatDurationMs, formatRatio } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import type { TermUse } from '../facets/search-terms.ts';
import { PatternDetail } from './pattern-detail.tsx';
import { perMinute, piecesOf, severityNumberOf, TRENDS } from './pattern-words.ts';

/** Four hours, by two minutes. */
const COLUMNS = 120;

const USES: Readonly<Record<TermUse, string>> = { included: 'included', excluded: 'excluded', unused: '' };

function Template(props: { readonly pattern: LogPatternJson }): JSX.Element {
  return (
    <For each={piecesOf(props.pattern)}>
      {(piece) =>
        'text' in piece ? (
          piece.text
        ) : (
          <span class="parameter" title={piece.examples.join(', ')}>
            {piece.type}
          </span>
        )
      }
    </For>
  );
}

export function PatternRow(props: {
  readonly pattern: LogPatternJson;
  readonly use: TermUse;
  readonly isOpen: boolean;
  readonly nowMs: number;
  readonly onToggle: () => void;
}): JSX.Element {
  const id = createUniqueId();
  const trend = () => TRENDS[props.pattern.trend];
  const counts = () => props.pattern.counts;
  const span = () => formatDurationMs(counts().stepMs * COLUMNS);
  return (
    <li class="pattern" classList={{ excluded: props.use === 'excluded' }}>
      <button
        type="button"
        class="pattern-row"
        aria-expanded={props.isOpen}
        aria-controls={props.isOpen ? id : undefined}
        onClick={() => {
          props.onToggle();
        }}
      >
        <span class={`badge ${trend().look}`}>
          <Icon name={trend().icon} />
          {trend().word}
        </span>
        <SeverityBadge number={severityNumberOf(props.pattern.severity)} text={props.pattern.severity} />
        <span class="pattern-template mono">
          <Template pattern={props.pattern} />
          <Show when={USES[props.use]}>{(word) => <span class="badge">{word()}</span>}</Show>
        </span>
        <span class="clip">
          <ServiceChip id={props.pattern.service.id} />
        </span>
        <CountBars
          values={counts().values}
          columns={COLUMNS}
          label={`Records of the last ${span()}, at most ${formatCount(Math.max(0, ...counts().values))} in ${formatDurationMs(counts().stepMs)}`}
        />
        <span class="num" title={`usually ${perMinute(props.pattern.usualPerMinute)}`}>
          {perMinute(props.pattern.recentPerMinute)}
        </span>
        <span class="num" title={exactCount(props.pattern.count)}>
          {formatCount(props.pattern.count)}
        </span>
        <span class="num" title="of the text records of its service, over the last four hours">
          {formatRatio(props.pattern.share)}
        </span>
        <span class="num faint">{formatAgo(props.nowMs - props.pattern.lastSeenUnixMs)}</span>
      </button>
      <Show when={props.isOpen}>
        <PatternDetail id={id} pattern={props.pattern} />
      </Show>
    </li>
  );
}
