import {
  createContext,
  createSignal,
  onCleanup,
  untrack,
  useContext,
  type Accessor,
  type JSX,
} from 'solid-js';
import type { LiveTopic } from '../../proto/live/index.ts';
import { makeLiveConnection, type LiveConnection, type LiveState } from './connection.ts';
import type { Frame } from './frame.ts';
import { makeInsightStore, type InsightStore } from './insight-store.ts';
import { makePaintLoop, type PaintLoop } from './paint-loop.ts';
import { makeRedStore, type RedStore, type RedStoreOptions } from './red-store.ts';
import { makeServerClock, type ServerClock } from './server-clock.ts';
import { makeTailBuffer } from './tail-buffer.ts';
import { readLogTail, readSpanTail, type TailRow } from './tail-rows.ts';

const MOST_SERVICES = 2_000;

export interface RedFeed {
  readonly store: RedStore;
  /** Changes when a frame has been applied and once a second; reading it makes a computation follow the feed. */
  readonly version: Accessor<number>;
  /** The last second that is over, by the server's clock; Unix seconds. The one that runs is shown when it is. */
  readonly endSecond: () => number;
  /** How old the newest second of the last frame was when the frame left the server, ms. */
  readonly lagMs: Accessor<number | undefined>;
  readonly isLoaded: Accessor<boolean>;
  readonly refusal: Accessor<string | undefined>;
}

export interface Live {
  readonly connection: LiveConnection;
  readonly clock: ServerClock;
  readonly loop: PaintLoop;
  readonly state: Accessor<LiveState>;
  /** RED figures of every service, for as long as the page is open. */
  readonly overview: RedFeed;
}

const LiveContext = createContext<Live>();

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === undefined) throw new Error('useLive needs a LiveProvider above it');
  return live;
}

type Core = Omit<Live, 'overview'>;

export function makeRedFeed(live: Core, topic: LiveTopic, options: RedStoreOptions): RedFeed {
  const store = makeRedStore(options);
  const [version, setVersion] = createSignal(0);
  const [lagMs, setLagMs] = createSignal<number>();
  const [isLoaded, setLoaded] = createSignal(false);
  const [refusal, setRefusal] = createSignal<string>();
  let lastLagMs: number | undefined;
  let hasFrame = false;
  const paint = () => {
    setLagMs(lastLagMs);
    setLoaded(hasFrame);
    setVersion((count) => count + 1);
  };
  const stop = live.connection.subscribe(topic, {
    onFrame(frame) {
      live.clock.observe(frame.sequence);
      store.apply(frame);
      store.evict(Math.floor(frame.sequence / 1_000));
      hasFrame = true;
      if (frame.rowCount > 0 && store.newestSecond !== undefined) {
        lastLagMs = Math.max(0, frame.sequence - (store.newestSecond + 1) * 1_000);
      }
      setRefusal(undefined);
      live.loop.request(paint);
    },
    onRefused: ({ message }) => setRefusal(message),
  });
  const heartbeat = setInterval(() => {
    if (live.state().kind === 'open') live.loop.request(paint);
  }, 1_000);
  onCleanup(() => {
    stop();
    clearInterval(heartbeat);
    live.loop.cancel(paint);
  });
  const endSecond = () => Math.floor(live.clock.nowMs() / 1_000) - 1;
  return { store, version, endSecond, lagMs, isLoaded, refusal };
}

export function createServiceFeed(service: string): RedFeed {
  return makeRedFeed(useLive(), { kind: 'service', service }, { keyColumn: 'operation', maxSeries: 1_000 });
}

export interface TailFeed {
  /** Oldest first. Stands still while paused. */
  readonly rows: Accessor<readonly TailRow[]>;
  /** Rows that came while paused. */
  readonly held: Accessor<number>;
  /** Rows the server left out because they came too fast or while the connection was lost, since the subscription began. */
  readonly dropped: Accessor<number>;
  /** More were left out than could be counted. */
  readonly isAtLeast: Accessor<boolean>;
  /** The platform was started anew while the connection was lost: what came meanwhile is not shown. Local Unix ms. */
  readonly restartedMs: Accessor<number | undefined>;
  /** Rows a second that matched, those left out included, over the last five seconds. */
  readonly perSecond: Accessor<number>;
  readonly refusal: Accessor<string | undefined>;
  clear(): void;
}

const RATE_SECONDS = 5;

/** The tail of `topic`, at most `capacity` rows of it. Lives as long as the owner it is created under. */
export function createTailFeed(topic: LiveTopic, isPaused: Accessor<boolean>, capacity: number): TailFeed {
  const live = useLive();
  const buffer = makeTailBuffer<TailRow>(capacity);
  const [rows, setRows] = createSignal<readonly TailRow[]>([]);
  const [held, setHeld] = createSignal(0);
  const [dropped, setDropped] = createSignal(0);
  const [perSecond, setPerSecond] = createSignal(0);
  const [isAtLeast, setAtLeast] = createSignal(false);
  const [restartedMs, setRestartedMs] = createSignal<number>();
  const [refusal, setRefusal] = createSignal<string>();
  const recent: { readonly atMs: number; readonly matched: number }[] = [];
  let droppedSoFar = 0;
  let shownOf = 0;
  const paint = () => {
    setDropped(droppedSoFar);
    const oldest = Date.now() - RATE_SECONDS * 1_000;
    while ((recent[0]?.atMs ?? Infinity) < oldest) recent.shift();
    setPerSecond(recent.reduce((sum, { matched }) => sum + matched, 0) / RATE_SECONDS);
    if (isPaused()) {
      setHeld(buffer.seen - shownOf);
    } else if (shownOf !== buffer.seen) {
      shownOf = buffer.seen;
      setHeld(0);
      setRows(buffer.rows());
    } else {
      setHeld(0);
    }
  };
  const stop = live.connection.subscribe(topic, {
    onFrame(frame: Frame) {
      const read = topic.kind === 'spans' ? readSpanTail(frame) : readLogTail(frame);
      buffer.push(read);
      droppedSoFar += frame.dropped;
      if (frame.gap === 'forgotten') setAtLeast(true);
      if (frame.gap === 'restarted') setRestartedMs(Date.now());
      // What was missed came before.
      if (frame.subscription === undefined) {
        recent.push({ atMs: Date.now(), matched: read.length + frame.dropped });
      }
      setRefusal(undefined);
      live.loop.request(paint);
    },
    onRefused: ({ message }) => setRefusal(message),
  });
  const heartbeat = setInterval(() => {
    live.loop.request(paint);
  }, 500);
  onCleanup(() => {
    stop();
    clearInterval(heartbeat);
    live.loop.cancel(paint);
  });
  return {
    rows,
    held,
    dropped,
    isAtLeast,
    restartedMs,
    perSecond,
    refusal,
    clear() {
      buffer.clear();
      setRows([]);
    },
  };
}

export interface InsightFeed {
  readonly store: InsightStore;
  /** Changes when a frame has been applied; reading it makes a computation follow the feed. */
  readonly version: Accessor<number>;
  readonly isLoaded: Accessor<boolean>;
}

/** Insights as they begin, change and end. Lives as long as the owner it is created under. */
export function createInsightFeed(): InsightFeed {
  const live = useLive();
  const store = makeInsightStore();
  const [version, setVersion] = createSignal(0);
  const [isLoaded, setLoaded] = createSignal(false);
  const paint = () => {
    setLoaded(true);
    setVersion((count) => count + 1);
  };
  const stop = live.connection.subscribe(
    { kind: 'insights' },
    {
      onFrame(frame) {
        store.apply(frame);
        live.loop.request(paint);
      },
    },
  );
  onCleanup(() => {
    stop();
    live.loop.cancel(paint);
  });
  return { store, version, isLoaded };
}

function socketUrl(): string {
  const url = new URL('/live', window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

export function LiveProvider(props: {
  readonly children: JSX.Element;
  /** The connection was lost or refused; it is tried again whatever this does. */
  readonly onInterrupted: () => void;
}): JSX.Element {
  const connection = makeLiveConnection({ url: socketUrl() });
  const [state, setState] = createSignal(connection.state());
  const onInterrupted = untrack(() => props.onInterrupted);
  const forget = connection.onState((next) => {
    setState(next);
    if (next.kind === 'waiting') onInterrupted();
  });
  const retry = () => {
    if (document.visibilityState === 'visible') connection.retryNow();
  };
  window.addEventListener('online', retry);
  document.addEventListener('visibilitychange', retry);
  onCleanup(() => {
    window.removeEventListener('online', retry);
    document.removeEventListener('visibilitychange', retry);
    forget();
    connection.close();
  });
  const core: Core = { connection, clock: makeServerClock(), loop: makePaintLoop(), state };
  const overview = makeRedFeed(
    core,
    { kind: 'overview' },
    { keyColumn: 'service', maxSeries: MOST_SERVICES },
  );
  return <LiveContext.Provider value={{ ...core, overview }}>{props.children}</LiveContext.Provider>;
}
