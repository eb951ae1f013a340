import type { VisibleServices } from '../../proto/access/index.ts';
import type { InsightJson } from '../../proto/api/index.ts';
import type { ServiceId } from '../../proto/columns/index.ts';
import { CloseCode, type FrameHead, type LiveTopic, type ServerMessage } from '../../proto/live/index.ts';
import { syntaxMessage, visibleIds } from '../../workers/search/index.ts';
import type { ServiceRed } from '../service/index.ts';
import type { ServicesMessage } from '../services/index.ts';
import type { ActorSystem } from '../system/index.ts';
import { cursorAt, goOn, join, tailStart, takeMissed } from './go-on.ts';
import { InsightBoard, insightLens } from './insight-board.ts';
import { noteLag } from './lag.ts';
import type { LiveClient } from './live-client.ts';
import type {
  ClientState,
  LiveContext,
  LiveMessage,
  LiveOptions,
  LiveRef,
  LiveState,
  Subscribe,
  Topic,
} from './live-state.ts';
import { redFrame } from './red-frame.ts';
import { TailFilter, tailSearch } from './tail-filter.ts';
import { Tail } from './tail.ts';
import { topicKeyOf } from './topic-key.ts';

const MAILBOX = 100_000;
/** A client with this much still to take is behind. */
const LAG_BYTES = 1_000_000;
const MAX_LAG_MS = 20_000;
const MAX_SUBSCRIPTIONS = 64;

/**
 * Turns what services hold into frames: each topic's frame is encoded once and published to all who joined. A
 * client that lags is sent what it missed once it has caught up, or closed when it does not.
 */
export function spawnLiveActor(system: ActorSystem, options: LiveOptions): LiveRef {
  const ref: LiveRef = system.spawn<LiveState, LiveMessage>({
    name: 'live',
    kind: 'live',
    capacity: MAILBOX,
    onCrash: 'resume',
    initialState: () => ({
      topics: new Map(),
      clients: new Map(),
      insights: new InsightBoard(options.now()),
      sequence: options.now(),
      instance: options.now(),
      arrival: 0,
    }),
    receive: (state, message) => {
      receiveLive({ ...options, system, state, self: () => ref }, message);
      return state;
    },
  });
  return ref;
}

function receiveLive(live: LiveContext, message: LiveMessage): void {
  switch (message.type) {
    case 'subscribe':
      subscribe(live, message);
      break;
    case 'unsubscribe':
      unsubscribe(live, message.client, message.subscription);
      break;
    case 'closed':
      for (const subscription of live.state.clients.get(message.client)?.subscriptions.keys() ?? []) {
        unsubscribe(live, message.client, subscription);
      }
      live.state.clients.delete(message.client);
      break;
    case 'drained':
      catchUp(live, message.client);
      break;
    case 'append':
      live.state.arrival = message.arrival;
      for (const { tail } of live.state.topics.values()) tail?.add(message.batches, message.arrival);
      break;
    case 'tick':
      tick(live);
      break;
    case 'flush-tails':
      flushTails(live);
      break;
    case 'red-changed':
      publishChanges(live, message.sequence, message.answers);
      break;
    case 'insights-changed':
      publishInsights(live, message.changed);
      break;
    case 'red-read':
      sendRed(live, message);
      break;
    case 'missed-read':
      takeMissed(live, message);
      break;
    case 'red-unread':
      noteLag(live, message.client, message.since);
      break;
  }
}

function subscribe(live: LiveContext, message: Subscribe): void {
  const { client, subscription, topic, visible, since } = message;
  const { clients } = live.state;
  const known: ClientState = clients.get(client) ?? newClient();
  clients.set(client, known);
  if (known.subscriptions.size >= MAX_SUBSCRIPTIONS) {
    refuse(message, 'OVERLOADED', `a connection has at most ${MAX_SUBSCRIPTIONS} subscriptions`);
    return;
  }
  unsubscribe(live, client, subscription);
  const start = tailStart(live.state, message);
  const entry = start?.type === 'wrong' ? start : topicFor(live, topic, visible);
  if ('reason' in entry) {
    refuse(message, 'BAD_REQUEST', entry.reason);
    return;
  }
  const { key, tail } = entry;
  known.subscriptions.set(subscription, key);
  entry.clients.add(client);
  const cursor = tail && !start && { cursor: cursorAt(live, tail.through) };
  const answer: ServerMessage = { type: 'subscribed', subscription, topicKey: key, ...cursor };
  client.send(JSON.stringify(answer));
  if (tail && start) goOn(live, entry, tail, message, start);
  else if (!entry.joining.has(client)) client.join(key);
  readAgain(live, client, entry, since ?? 0);
}

function newClient(): ClientState {
  return { subscriptions: new Map(), lagsBehind: undefined, reads: Promise.resolve() };
}

/** The topic, made where nobody follows it yet; or why there is none. */
function topicFor(
  { state, now }: LiveContext,
  topic: LiveTopic,
  visible: VisibleServices,
): Topic | { readonly reason: string } {
  const key = topicKeyOf(topic, visible);
  const known = state.topics.get(key);
  if (known) return known;
  let tail: Tail | undefined;
  if (topic.kind === 'spans' || topic.kind === 'logs') {
    const search = tailSearch(topic);
    if ('error' in search) return { reason: `q is no search: ${syntaxMessage(search.error)}` };
    tail = new Tail(new TailFilter(topic, search.expression, visible), state.arrival, now());
  }
  const lens = topic.kind === 'insights' ? insightLens(topic, visible) : undefined;
  const shared = { key, topic, isVisible: visibleIds(visible), clients: new Set<LiveClient>() };
  const entry: Topic = { ...shared, tail, lens, joining: new Map() };
  state.topics.set(key, entry);
  return entry;
}

/** Sends what frames after `since` showed; all there is to show after 0. Of a tail, what waits for a client that joins. */
function readAgain(live: LiveContext, client: LiveClient, entry: Topic, since: number): void {
  if (entry.tail) {
    join(live, client, entry);
    return;
  }
  if (!entry.lens) {
    readRed(live, client, entry, since);
    return;
  }
  const frame = live.state.insights.read(entry.key, entry.lens, since);
  if (frame && !client.send(frame)) noteLag(live, client, 0);
}

function refuse({ client, subscription }: Subscribe, code: string, message: string): void {
  const refusal: ServerMessage = { type: 'refused', subscription, code, message };
  client.send(JSON.stringify(refusal));
}

function unsubscribe(live: LiveContext, client: LiveClient, subscription: number): void {
  const known = live.state.clients.get(client);
  const key = known?.subscriptions.get(subscription);
  if (!known || key === undefined) return;
  known.subscriptions.delete(subscription);
  const entry = live.state.topics.get(key);
  entry?.joining.get(client)?.end(subscription);
  if ([...known.subscriptions.values()].includes(key)) {
    if (entry) join(live, client, entry);
    return;
  }
  client.leave(key);
  entry?.joining.delete(client);
  entry?.clients.delete(client);
  if (entry?.clients.size === 0) live.state.topics.delete(key);
}

/**
 * Asks for what frames after `since` showed. The question goes the same way as the one for changes, so its answer
 * comes before that of a later `tick`: nothing falls between the two.
 */
function readRed(live: LiveContext, client: LiveClient, { key, topic }: Topic, since: number): void {
  const { system, services, state } = live;
  const head: FrameHead = {
    topicKey: key,
    sequence: String(state.sequence),
    mode: since === 0 ? 'snapshot' : 'change',
  };
  void system
    .ask<ServicesMessage, readonly ServiceRed[]>(services, (reply) => ({
      type: 'read-red',
      ...(topic.kind === 'service' ? { service: topic.service as ServiceId } : {}),
      afterSequence: since,
      reply,
    }))
    .then(
      (answers) => {
        system.tell(live.self(), { type: 'red-read', client, topicKey: key, head, answers });
      },
      // A crash that is counted and logged where it happened: the next tick asks again.
      () => {
        system.tell(live.self(), { type: 'red-unread', client, since });
      },
    );
}

function sendRed(
  live: LiveContext,
  { client, topicKey, head, answers }: Extract<LiveMessage, { type: 'red-read' }>,
): void {
  const entry = live.state.topics.get(topicKey);
  if (!entry?.clients.has(client)) return;
  const shown = answers.filter(({ id }) => entry.isVisible(id));
  const frame = redFrame(shown, entry.topic.kind === 'service', head);
  if (frame && !client.send(frame)) noteLag(live, client, 0);
}

function tick(live: LiveContext): void {
  const { system, services, state, now } = live;
  watchLag(live);
  const sequence = Math.max(state.sequence + 1, now());
  void system
    .ask<ServicesMessage, readonly ServiceRed[]>(services, (reply) => ({
      type: 'take-red-changes',
      sequence,
      reply,
    }))
    .then(
      (answers) => {
        system.tell(live.self(), { type: 'red-changed', sequence, answers });
      },
      // A crash that is counted and logged where it happened: the changes come with the next tick.
      () => undefined,
    );
}

function publishChanges(live: LiveContext, sequence: number, answers: readonly ServiceRed[]): void {
  live.state.sequence = sequence;
  for (const { key, topic, isVisible } of live.state.topics.values()) {
    if (topic.kind !== 'overview' && topic.kind !== 'service') continue;
    const shown = answers.filter(
      ({ id }) => (topic.kind === 'overview' || id === topic.service) && isVisible(id),
    );
    const head = { topicKey: key, sequence: String(sequence), mode: 'change' } as const;
    const frame = redFrame(shown, topic.kind === 'service', head);
    if (frame) live.publish(key, frame);
  }
}

function publishInsights({ state, now, publish }: LiveContext, changed: readonly InsightJson[]): void {
  const frameFor = state.insights.change(changed, now());
  for (const { key, lens } of state.topics.values()) {
    const frame = lens && frameFor(key, lens);
    if (frame) publish(key, frame);
  }
}

function flushTails(live: LiveContext): void {
  for (const { key, tail, joining } of live.state.topics.values()) {
    const frame = tail?.takeFrame(key, live.now(), (arrival) => cursorAt(live, arrival));
    if (!frame) continue;
    live.publish(key, frame);
    for (const [client, one] of joining) {
      one.publish(frame);
      if (one.isTooLong) client.close(CloseCode.tooSlow, 'frames arrive faster than they are taken');
    }
  }
}

function watchLag(live: LiveContext): void {
  const nowMs = live.now();
  for (const [client, known] of live.state.clients) {
    if (client.bufferedBytes > LAG_BYTES) noteLag(live, client, live.state.sequence);
    else if (known.lagsBehind) catchUp(live, client);
    if (known.lagsBehind && nowMs - known.lagsBehind.sinceMs > MAX_LAG_MS) {
      client.close(CloseCode.tooSlow, 'frames arrive faster than they are taken');
    }
  }
}

function catchUp(live: LiveContext, client: LiveClient): void {
  const known = live.state.clients.get(client);
  if (!known?.lagsBehind || client.bufferedBytes > LAG_BYTES) return;
  const { sequence } = known.lagsBehind;
  known.lagsBehind = undefined;
  for (const key of new Set(known.subscriptions.values())) {
    const entry = live.state.topics.get(key);
    if (entry) readAgain(live, client, entry, sequence);
  }
}
