import { batch, createEffect, createMemo, createSignal, on, type Accessor } from 'solid-js';
import type { RedFeed } from '../../live/index.ts';
import { matchesFilter, rowOf, sortRows, type ServiceRow, type Sort } from './rank.ts';

/** Rows keep their places this long, so that one can read and click them while figures change every second. */
const RESORT_SECONDS = 5;

export interface OverviewRows {
  /** Ids in the order shown. */
  readonly order: Accessor<readonly string[]>;
  readonly row: (id: string) => ServiceRow | undefined;
  readonly total: Accessor<number>;
}

export function createOverviewRows(
  feed: RedFeed,
  options: {
    readonly sort: Accessor<Sort>;
    readonly filter: Accessor<string>;
    readonly windowSeconds: Accessor<number>;
    readonly isPaused: Accessor<boolean>;
    /** While true, rows keep their places. */
    readonly isHeld: Accessor<boolean>;
  },
): OverviewRows {
  const [rows, setRows] = createSignal<ReadonlyMap<string, ServiceRow>>(new Map());
  const [order, setOrder] = createSignal<readonly string[]>([]);
  let sortedAt = -Infinity;

  const visible = createMemo(() => {
    const filter = options.filter();
    return [...rows().values()].filter((row) => matchesFilter(row, filter));
  });
  const resort = () => setOrder(sortRows(visible(), options.sort()).map(({ id }) => id));

  /** New rows go last and gone ones go, until the next sorting. */
  const keepPlaces = () => {
    const present = new Set(visible().map(({ id }) => id));
    const kept = order().filter((id) => present.delete(id));
    setOrder(kept.length === order().length && present.size === 0 ? order() : [...kept, ...present]);
  };

  const refresh = () => {
    const endSecond = feed.endSecond();
    const made = [...feed.store.all()].map((series) => rowOf(series, endSecond, options.windowSeconds()));
    batch(() => {
      setRows(new Map(made.map((row) => [row.id, row])));
      const isDue = endSecond - sortedAt >= RESORT_SECONDS || order().length === 0;
      if (isDue && !options.isHeld()) {
        sortedAt = endSecond;
        resort();
      } else {
        keepPlaces();
      }
    });
  };

  createEffect(
    on([feed.version, options.isPaused, options.windowSeconds], () => {
      if (!options.isPaused()) refresh();
    }),
  );
  createEffect(on([options.sort, options.filter], resort, { defer: true }));
  return { order, row: (id) => rows().get(id), total: () => rows().size };
}
