import { Show, type JSX } from 'solid-js';
import type { InsightJson } from '../../../proto/api/index.ts';
import { Icon, type IconName } from '../../ui/icon.tsx';
import { KIND_LABELS, SEVERITY_LABELS } from './insight-words.ts';

const ICONS: Readonly<Record<InsightJson['severity'], IconName>> = {
  critical: 'warning',
  warning: 'up',
  info: 'question',
};
const TONES: Readonly<Record<InsightJson['severity'], string>> = {
  critical: 'error',
  warning: 'warn',
  info: '',
};

/** Its severity as colour, sign and word. */
export function SeverityMark(props: { readonly insight: InsightJson }): JSX.Element {
  return (
    <span class={`badge ${TONES[props.insight.severity]}`}>
      <Icon name={ICONS[props.insight.severity]} />
      {SEVERITY_LABELS[props.insight.severity]}
    </span>
  );
}

export function KindBadge(props: { readonly insight: InsightJson }): JSX.Element {
  return <span class="badge">{KIND_LABELS[props.insight.kind]}</span>;
}

export function StateBadge(props: { readonly insight: InsightJson }): JSX.Element {
  return (
    <Show when={props.insight.state === 'open'} fallback={<span class="badge">Over</span>}>
      <span class="badge">
        <span class="open-dot" aria-hidden="true" />
        Open
      </span>
    </Show>
  );
}
