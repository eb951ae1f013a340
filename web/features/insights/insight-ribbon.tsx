import { For, Show, type JSX } from 'solid-js';
import type { InsightJson } from '../../../proto/api/index.ts';
import { createInsightsOf, createInsightsOfMetric, createOpenTroubles } from '../../app/insights.tsx';
import { ServiceChip } from '../../ui/chips.tsx';
import { SeverityMark } from './insight-marks.tsx';
import './ribbon.css';

const MOST_SHOWN = 3;

export const insightPath = ({ id }: Pick<InsightJson, 'id'>): string => `/insights/${id}`;

/**
 * What wants somebody now, the worst first, in one line; nothing when nothing does. Of one service: all that affects it. Of a metric: all
 * that has it for evidence, of that service where one is given.
 */
export function InsightRibbon(props: { readonly service?: string; readonly metric?: string }): JSX.Element {
  const service = () => props.service;
  const troubles = createOpenTroubles();
  const ofService = createInsightsOf(() => service() ?? '');
  const ofMetric = createInsightsOfMetric(
    () => props.metric ?? '',
    () => service() ?? '',
  );
  const open = () => {
    if (props.metric !== undefined) return ofMetric();
    return service() === undefined ? troubles() : ofService();
  };
  const left = () => open().length - MOST_SHOWN;
  const all = () => {
    if (props.service !== undefined && props.service !== '') {
      return `/insights?state=open&service=${encodeURIComponent(props.service)}`;
    }
    return props.metric === undefined ? '/insights?state=open&severity=warning' : '/insights?state=open';
  };
  return (
    <Show when={open().length > 0}>
      <nav class="ribbon" aria-label="Open insights">
        <ul>
          <For each={open().slice(0, MOST_SHOWN)}>
            {(insight) => (
              <li>
                <a href={insightPath(insight)} title={insight.title}>
                  <SeverityMark insight={insight} />
                  <Show when={insight.service.id !== props.service}>
                    <ServiceChip id={insight.service.id} />
                  </Show>
                  <span class="clip">{insight.title}</span>
                </a>
              </li>
            )}
          </For>
        </ul>
        <a class="ribbon-all" href={all()}>
          {left() > 0 ? `${left()} more` : 'All'}
        </a>
      </nav>
    </Show>
  );
}
