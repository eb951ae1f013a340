import { Show, type JSX } from 'solid-js';
import type { JudgedInsightJson } from '../../../proto/api/index.ts';
import { usePreferences } from '../../app/preferences.tsx';
import { ServiceChip } from '../../ui/chips.tsx';
import { formatDateTime } from '../../ui/format.ts';
import { insightPath } from './insight-ribbon.tsx';
import { KindBadge, SeverityMark, StateBadge } from './insight-marks.tsx';
import { lastingText } from './insight-words.ts';

/** One insight of the feed: what, where, since when, and what it comes from. */
export function InsightRow(props: {
  readonly insight: JudgedInsightJson;
  readonly nowMs: number;
}): JSX.Element {
  const preferences = usePreferences();
  const cause = () => props.insight.rootCauses[0];
  const others = () => props.insight.services.length - 1;
  const judged = () => {
    const { useful, notUseful } = props.insight.feedback;
    return useful + notUseful === 0 ? undefined : `${useful} useful, ${notUseful} not`;
  };
  return (
    <li>
      <a
        class="insight-row"
        classList={{ over: props.insight.state === 'over' }}
        href={insightPath(props.insight)}
      >
        <span class="insight-marks">
          <SeverityMark insight={props.insight} />
        </span>
        <span class="insight-what">
          <span class="insight-title">{props.insight.title}</span>
          <span class="insight-why dim clip">
            <Show when={cause()} fallback={props.insight.explanation}>
              {(first) => (
                <>
                  Most likely {first().service.name}: {first().explanation}
                </>
              )}
            </Show>
          </span>
        </span>
        <span class="insight-where">
          <ServiceChip id={props.insight.service.id} />
          <Show when={others() > 0}>
            <span class="faint">and {others()} more</span>
          </Show>
        </span>
        <span class="insight-when">
          <span title={formatDateTime(props.insight.startedUnixMs, preferences.zone())}>
            {formatDateTime(props.insight.startedUnixMs, preferences.zone()).slice(5, 16)}
          </span>
          <span class="faint">{lastingText(props.insight, props.nowMs)}</span>
        </span>
        <span class="insight-badges">
          <StateBadge insight={props.insight} />
          <KindBadge insight={props.insight} />
          <Show when={judged()}>{(text) => <span class="badge">{text()}</span>}</Show>
        </span>
      </a>
    </li>
  );
}
