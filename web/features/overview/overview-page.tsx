import { createMemo, createSignal, lazy, Show, Suspense, type JSX } from 'solid-js';
import { ConnectionBadge } from '../../app/connection-badge.tsx';
import { createUrlText } from '../../app/url-state.ts';
import { createShortcuts } from '../../app/keyboard.tsx';
import { ingestOver, useLive } from '../../live/index.ts';
import { Button, IconButton, SearchBox, Segmented } from '../../ui/controls.tsx';
import { exactCount, formatCount, formatDurationMs } from '../../ui/format.ts';
import { EmptyState, Loading } from '../../ui/states.tsx';
import { InsightRibbon } from '../insights/insight-ribbon.tsx';
import { createOverviewRows } from './create-rows.ts';
import { formatSort, nextSort, parseSort } from './rank.ts';
import { isOwnService } from '../../ui/service-id.ts';
import { ServiceTable } from './service-table.tsx';
import './overview.css';

const Welcome = lazy(async () => ({ default: (await import('../welcome/welcome.tsx')).Welcome }));

const WINDOWS = [
  { value: '10', label: '10 s' },
  { value: '60', label: '1 min' },
  { value: '300', label: '5 min' },
  { value: '900', label: '15 min' },
] as const;
type WindowText = (typeof WINDOWS)[number]['value'];

const INGEST_SECONDS = 5;

/** Figures are per second: anything below one is as fresh as can be told. */
function lagText(lagMs: number | undefined): string {
  if (lagMs === undefined) return '–';
  return lagMs < 1_000 ? '<1 s' : formatDurationMs(lagMs);
}

function IngestBadge(): JSX.Element {
  const { overview } = useLive();
  const rates = createMemo(() => {
    overview.version();
    return ingestOver(overview.store.all(), overview.endSecond(), INGEST_SECONDS);
  });
  const lag = () => overview.lagMs();
  const Rate = (props: { readonly value: number; readonly what: string }) => (
    <span title={`${exactCount(props.value)} ${props.what} arrive a second, mean of ${INGEST_SECONDS} s`}>
      <b>{formatCount(props.value)}</b> {props.what}/s
    </span>
  );
  return (
    <div class="ingest" aria-label="Ingest">
      <Rate value={rates().spans} what="spans" />
      <Rate value={rates().logs} what="logs" />
      <Rate value={rates().points} what="points" />
      <span
        classList={{ bad: (lag() ?? 0) > 5_000 }}
        title="How old the newest figures were when they left the server"
      >
        lag <b>{lagText(lag())}</b>
      </span>
    </div>
  );
}

function ServicesView(): JSX.Element {
  const { overview } = useLive();
  const filter = createUrlText('filter');
  const sortText = createUrlText('sort');
  const windowText = createUrlText('window');
  const kiosk = createUrlText('kiosk');
  const [isPaused, setPaused] = createSignal(false);
  const [isHeld, setHeld] = createSignal(false);
  const sort = createMemo(() => parseSort(sortText.value()));
  const windowValue = (): WindowText =>
    WINDOWS.find(({ value }) => value === windowText.value())?.value ?? '60';
  const rows = createOverviewRows(overview, {
    sort,
    filter: filter.value,
    windowSeconds: () => Number(windowValue()),
    isPaused,
    isHeld,
  });
  createShortcuts([
    { keys: ['space', 'p'], what: 'Pause or go on', group: 'Overview', run: () => setPaused(!isPaused()) },
  ]);
  return (
    <div class="page overview">
      <header class="page-head">
        <h1>Services</h1>
        <span class="badge" title="Services seen in the last 15 minutes">
          {rows.order().length === rows.total() ? rows.total() : `${rows.order().length} of ${rows.total()}`}
        </span>
        <IngestBadge />
        <Show when={kiosk.value() === '1'}>
          <ConnectionBadge />
        </Show>
        <span class="grow" />
        <SearchBox label="Filter services" value={filter.value()} onInput={filter.set} />
        <Segmented
          label="Figures over the last"
          value={windowValue()}
          options={WINDOWS}
          onPick={(value) => {
            windowText.set(value === '60' ? '' : value);
          }}
        />
        <Button
          icon={isPaused() ? 'play' : 'pause'}
          aria-pressed={isPaused()}
          onClick={() => setPaused(!isPaused())}
        >
          {isPaused() ? 'Resume' : 'Pause'}
        </Button>
        <IconButton
          icon="screen"
          label={kiosk.value() === '1' ? 'Leave kiosk mode' : 'Kiosk mode: nothing but the services'}
          onClick={() => {
            kiosk.set(kiosk.value() === '1' ? '' : '1');
          }}
        />
      </header>
      <div class="page-body fill">
        <InsightRibbon />
        <Show
          when={rows.order().length > 0}
          fallback={
            <EmptyState title="No service matches" icon="search">
              <p>
                None of the {rows.total()} services has “{filter.value()}” in its name, namespace or
                environment.
              </p>
              <Button
                onClick={() => {
                  filter.set('');
                }}
              >
                Clear the filter
              </Button>
            </EmptyState>
          }
        >
          <ServiceTable
            rows={rows}
            feed={overview}
            windowSeconds={Number(windowValue())}
            sort={sort()}
            isPaused={isPaused}
            onSort={(key) => {
              const next = formatSort(nextSort(sort(), key));
              sortText.set(next === 'worst' ? '' : next);
            }}
            onHold={setHeld}
          />
        </Show>
      </div>
    </div>
  );
}

/** All services, live. A new install, which has heard of nobody but itself, says how to send the first span. */
export function OverviewPage(): JSX.Element {
  const { overview } = useLive();
  const isEmpty = createMemo(() => {
    overview.version();
    return [...overview.store.all()].every(({ key }) => isOwnService(key));
  });
  return (
    <Show when={overview.isLoaded()} fallback={<Loading what="services" rows={12} />}>
      <Show
        when={!isEmpty()}
        fallback={
          <Suspense fallback={<Loading what="the first steps" />}>
            <Welcome />
          </Suspense>
        }
      >
        <ServicesView />
      </Show>
    </Show>
  );
}
