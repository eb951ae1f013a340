import { For, type JSX } from 'solid-js';
import { ServiceChip } from '../../ui/chips.tsx';
import { exactCount, exactDurationMs, formatCount, formatDurationNs, formatRatio } from '../../ui/format.ts';
import { spanStatistics, type SpanStatistics } from './span-statistics.ts';
import type { SpanTree } from './span-tree.ts';

/** Operations of a trace by the time they took themselves; one that is picked is searched for among the spans. */
export function StatisticsTable(props: {
  readonly tree: SpanTree;
  readonly onPick: (row: Pick<SpanStatistics, 'serviceId' | 'name'>) => void;
}): JSX.Element {
  const rows = () => spanStatistics(props.tree);
  const selfNs = () => rows().reduce((sum, row) => sum + row.selfNs, 0);
  const duration = (ns: number) => (
    <td class="num" title={exactDurationMs(ns / 1e6)}>
      {formatDurationNs(ns)}
    </td>
  );
  return (
    <div class="panel grow table-scroll">
      <table class="plain-table" aria-label="Operations of this trace">
        <thead>
          <tr>
            <th scope="col">Service</th>
            <th scope="col">Operation</th>
            <th scope="col" class="num">
              Spans
            </th>
            <th scope="col" class="num">
              Errors
            </th>
            <th scope="col" class="num">
              Self time
            </th>
            <th scope="col" class="num">
              of all
            </th>
            <th scope="col" class="num">
              Total
            </th>
            <th scope="col" class="num">
              Mean
            </th>
            <th scope="col" class="num">
              Longest
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={rows()}>
            {(row) => (
              <tr>
                <td>
                  <ServiceChip id={row.serviceId} />
                </td>
                <td>
                  <button
                    type="button"
                    class="link-button"
                    onClick={() => {
                      props.onPick(row);
                    }}
                  >
                    {row.name}
                  </button>
                </td>
                <td class="num" title={exactCount(row.count)}>
                  {formatCount(row.count)}
                </td>
                <td class="num" classList={{ bad: row.errors > 0 }}>
                  {formatCount(row.errors)}
                </td>
                {duration(row.selfNs)}
                <td class="num">{formatRatio(row.selfNs / Math.max(1, selfNs()))}</td>
                {duration(row.totalNs)}
                {duration(row.totalNs / row.count)}
                {duration(row.longestNs)}
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </div>
  );
}
