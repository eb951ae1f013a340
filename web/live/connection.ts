import { CloseCode, type ClientMessage, type LiveTopic, type ServerMessage } from '../../proto/live/index.ts';
import { backOffMs } from './back-off.ts';
import { decodeFrame, FrameUnreadable, type Frame } from './frame.ts';

export type LiveState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  /** `staleSinceMs`: local Unix ms of the last sign of life; undefined when there never was one. */
  | { readonly kind: 'waiting'; readonly retryAtMs: number; readonly staleSinceMs: number | undefined }
  /** The server does not understand this page: reconnecting won't help, reloading does. */
  | { readonly kind: 'outdated'; readonly reason: string };

export interface LiveRefusal {
  readonly code: string;
  readonly message: string;
}

export interface LiveHandlers {
  onFrame(frame: Frame): void;
  onRefused?(refusal: LiveRefusal): void;
}

export interface LiveConnection {
  readonly state: () => LiveState;
  /** Returns what ends the subscription. It lives through reconnects until then. */
  subscribe(topic: LiveTopic, handlers: LiveHandlers): () => void;
  onState(listener: (state: LiveState) => void): () => void;
  /** Messages that could not be read, since the page was opened. */
  readonly unreadable: () => number;
  retryNow(): void;
  close(): void;
}

export interface LiveConnectionOptions {
  readonly url: string;
  readonly openSocket?: (url: string) => WebSocket;
  /**
   * A server with nothing to tell is silent, and so is a dead connection. After half of this time a RED subscription
   * is renewed, which the server must answer; after all of it the socket is taken for dead and opened anew.
   */
  readonly silenceLimitMs?: number;
}

interface Subscription {
  readonly id: number;
  readonly topic: LiveTopic;
  readonly handlers: LiveHandlers;
  topicKey: string | undefined;
  since: number | undefined;
  /** Of a tail: how far it has come. */
  cursor: string | undefined;
}

/** `WebSocket.OPEN`. */
const OPEN = 1;

const isRed = (topic: LiveTopic) => topic.kind === 'overview' || topic.kind === 'service';
/** What a frame shows is kept at the server, so that what was missed can be asked for. */
const isKept = (topic: LiveTopic) => isRed(topic) || topic.kind === 'insights';

/** One WebSocket for the whole page; subscriptions share it and are renewed, with how far they have come, whenever it comes back. */
export function makeLiveConnection(options: LiveConnectionOptions): LiveConnection {
  const openSocket = options.openSocket ?? ((url: string) => new WebSocket(url));
  const silenceLimitMs = options.silenceLimitMs ?? 20_000;
  const subscriptions = new Map<number, Subscription>();
  const listeners = new Set<(state: LiveState) => void>();
  let socket: WebSocket | undefined;
  let state: LiveState = { kind: 'connecting' };
  let nextId = 1;
  let attempt = 0;
  let unreadable = 0;
  let isProbed = false;
  let lastSignMs: number | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  const become = (next: LiveState) => {
    state = next;
    for (const listener of listeners) listener(next);
  };

  const send = (message: ClientMessage) => {
    if (socket?.readyState === OPEN) socket.send(JSON.stringify(message));
  };

  const renew = (subscription: Subscription) => {
    const { id, topic, since, cursor } = subscription;
    send({
      ...{ type: 'subscribe', subscription: id, topic },
      ...(since !== undefined && { since }),
      ...(cursor !== undefined && { after: cursor }),
    });
  };

  const takeFrame = (bytes: ArrayBuffer) => {
    const frame = decodeFrame(bytes);
    for (const subscription of subscriptions.values()) {
      if (subscription.topicKey !== frame.topicKey) continue;
      if (frame.subscription !== undefined && frame.subscription !== subscription.id) continue;
      subscription.handlers.onFrame(frame);
      subscription.cursor = frame.cursor ?? subscription.cursor;
      if (isKept(subscription.topic)) subscription.since = frame.sequence;
    }
  };

  const takeAnswer = (text: string) => {
    const message = JSON.parse(text) as ServerMessage;
    const subscription = subscriptions.get(message.subscription ?? -1);
    if (subscription === undefined) return;
    if (message.type === 'subscribed') {
      subscription.topicKey = message.topicKey;
      subscription.cursor = message.cursor ?? subscription.cursor;
      return;
    }
    // Should it be for the cursor, the next time is without.
    subscription.cursor = undefined;
    subscription.handlers.onRefused?.({ code: message.code, message: message.message });
  };

  const take = (data: unknown) => {
    lastSignMs = Date.now();
    isProbed = false;
    try {
      if (typeof data === 'string') takeAnswer(data);
      else takeFrame(data as ArrayBuffer);
    } catch (error) {
      if (!(error instanceof FrameUnreadable) && !(error instanceof SyntaxError)) throw error;
      unreadable += 1;
    }
  };

  const wait = () => {
    const delayMs = backOffMs(attempt, Math.random());
    attempt += 1;
    retryTimer = setTimeout(open, delayMs);
    become({ kind: 'waiting', retryAtMs: Date.now() + delayMs, staleSinceMs: lastSignMs });
  };

  const leave = (old: WebSocket) => {
    old.onopen = old.onmessage = old.onclose = null;
    old.close();
  };

  function open() {
    clearTimeout(retryTimer);
    if (state.kind !== 'waiting') become({ kind: 'connecting' });
    const opened = openSocket(options.url);
    opened.binaryType = 'arraybuffer';
    socket = opened;
    opened.onopen = () => {
      attempt = 0;
      lastSignMs = Date.now();
      isProbed = false;
      for (const subscription of subscriptions.values()) {
        subscription.topicKey = undefined;
        renew(subscription);
      }
      become({ kind: 'open' });
    };
    opened.onmessage = (event) => {
      take(event.data);
    };
    opened.onclose = (event) => {
      socket = undefined;
      if (event.code !== CloseCode.badMessage) wait();
      else become({ kind: 'outdated', reason: event.reason });
    };
  }

  const reopen = () => {
    if (socket !== undefined) leave(socket);
    socket = undefined;
    open();
  };

  const watch = () => {
    if (state.kind !== 'open' || lastSignMs === undefined) return;
    const silentMs = Date.now() - lastSignMs;
    const red = [...subscriptions.values()].find(({ topic }) => isRed(topic));
    if (red === undefined || silentMs < silenceLimitMs / 2) return;
    if (silentMs < silenceLimitMs) {
      if (!isProbed) renew(red);
      isProbed = true;
      return;
    }
    become({ kind: 'waiting', retryAtMs: Date.now(), staleSinceMs: lastSignMs });
    reopen();
  };
  const watchdog = setInterval(watch, Math.min(1_000, silenceLimitMs / 4));

  open();

  return {
    state: () => state,
    unreadable: () => unreadable,
    subscribe(topic, handlers) {
      const subscription: Subscription = {
        id: nextId++,
        topic,
        handlers,
        topicKey: undefined,
        since: undefined,
        cursor: undefined,
      };
      subscriptions.set(subscription.id, subscription);
      renew(subscription);
      return () => {
        if (subscriptions.delete(subscription.id)) {
          send({ type: 'unsubscribe', subscription: subscription.id });
        }
      };
    },
    onState(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    retryNow() {
      if (!closed && state.kind === 'waiting') reopen();
    },
    close() {
      closed = true;
      clearTimeout(retryTimer);
      clearInterval(watchdog);
      if (socket !== undefined) leave(socket);
      subscriptions.clear();
      listeners.clear();
    },
  };
}
