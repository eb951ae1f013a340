import { For, type JSX } from 'solid-js';
import type { InsightEvidenceJson } from '../../../proto/api/index.ts';
import { ServiceChip } from '../../ui/chips.tsx';
import { exactCount, formatRatio } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { Moment } from '../../ui/moment.tsx';
import { PlainTable } from '../../ui/plain-table.tsx';
import { comparisonLink, evidenceLinks } from './evidence-links.ts';
import type { Trouble } from './trouble.ts';

export type AttributeEvidence = Extract<InsightEvidenceJson, { readonly type: 'attribute' }>;

function Share(props: { readonly share: number; readonly isOther?: boolean }): JSX.Element {
  return (
    <span class="share" classList={{ other: props.isOther === true }}>
      <span class="share-bar" aria-hidden="true">
        <span style={{ width: `${Math.round(props.share * 100)}%` }} />
      </span>
      {formatRatio(props.share)}
    </span>
  );
}

/** What tells abnormal spans of a service from others of their kind; all of one comparison. */
export function CommonAttributes(props: {
  readonly attributes: readonly [AttributeEvidence, ...AttributeEvidence[]];
  readonly insight: Trouble;
}): JSX.Element {
  const compared = () => props.attributes[0].compared;
  const title = () => `What ${compared().what} spans have in common`;
  const word = () => (compared().what === 'failing' ? 'Failing' : 'Slow');
  return (
    <section class="panel" aria-label={title()}>
      <header class="panel-head">
        <h2>{title()}</h2>
        <ServiceChip id={props.attributes[0].service.id} />
        <span class="grow" />
        <a class="button small" href={comparisonLink(compared())}>
          Compare all attributes
          <Icon name="right" />
        </a>
      </header>
      <PlainTable
        class="common-attributes"
        columns={['Attribute', 'Value', word(), 'Others', { hidden: 'Links' }]}
      >
        <For each={props.attributes}>
          {(one) => (
            <tr>
              <td class="mono">{one.field}</td>
              <td class="mono">{one.value}</td>
              <td title={`${exactCount(one.count)} of ${exactCount(one.compared.abnormal)} spans`}>
                <Share share={one.shareOfAbnormal} />
              </td>
              <td>
                <Share share={one.shareOfNormal} isOther />
              </td>
              <td class="end">
                <For each={evidenceLinks(one, props.insight)}>
                  {({ label, href }) => (
                    <a class="button small" href={href}>
                      {label}
                      <Icon name="right" />
                    </a>
                  )}
                </For>
              </td>
            </tr>
          )}
        </For>
      </PlainTable>
      <p class="faint common-note">
        {exactCount(compared().abnormal)} {compared().what} spans since{' '}
        <Moment unixMs={compared().fromUnixMs} never="" />, beside {exactCount(compared().normal)} others
        since <Moment unixMs={compared().baselineFromUnixMs} never="" />
      </p>
    </section>
  );
}
