import type { VisibleServices } from '../../proto/access/index.ts';
import type { InsightJson } from '../../proto/api/index.ts';
import type { ServiceBatch, ServiceId } from '../../proto/columns/index.ts';
import { CloseCode, type FrameHead, type LiveTopic, type ServerMessage } from '../../proto/live/index.ts';
import type { ServiceRed } from '../service/index.ts';
import type { ServicesMessage, ServicesRef } from '../services/index.ts';
import type { ActorRef, ActorSystem } from '../system/index.ts';
import { InsightBoard, insightLens, type InsightLens } from './insight-board.ts';
import type { LiveClient, PublishFrame } from './live-client.ts';
import { redFrame } from './red-frame.ts';
import { syntaxMessage, visibleIds } from '../../workers/search/index.ts';
import { Tail, tailSearch } from './tail.ts';
import { topicKeyOf } from './topic-key.ts';

export type LiveMessage =
  | {
      readonly type: 'subscribe';
      readonly client: LiveClient;
      readonly subscription: number;
      readonly topic: LiveTopic;
      /** Services that the client may see. */
      readonly visible: VisibleServices;
      readonly since?: number;
    }
  | { readonly type: 'unsubscribe'; readonly client: LiveClient; readonly subscription: number }
  | { readonly type: 'closed'; readonly client: LiveClient }
  | { readonly type: 'drained'; readonly client: LiveClient }
  /** Batches of one accepted request. */
  | { readonly type: 'append'; readonly batches: readonly ServiceBatch[] }
  /** Once a second: RED frames. */
  | { readonly type: 'tick' }
  /** Ten times a second: tail frames. */
  | { readonly type: 'flush-tails' }
  | { readonly type: 'red-changed'; readonly sequence: number; readonly answers: readonly ServiceRed[] }
  /** Insights that are new, have changed or are over; at the start, those that hold. */
  | { readonly type: 'insights-changed'; readonly changed: readonly InsightJson[] }
  | {
      readonly type: 'red-read';
      readonly client: LiveClient;
      readonly topicKey: string;
      readonly head: FrameHead;
      readonly answers: readonly ServiceRed[];
    }
  /** What frames after `since` showed could not be read for this client. */
  | { readonly type: 'red-unread'; readonly client: LiveClient; readonly since: number };

export type LiveRef = ActorRef<LiveMessage>;

export interface LiveOptions {
  readonly services: ServicesRef;
  readonly publish: PublishFrame;
  /** Unix ms. */
  readonly now: () => number;
}

interface Topic {
  readonly key: string;
  readonly topic: LiveTopic;
  readonly isVisible: (id: ServiceId) => boolean;
  readonly tail: Tail | undefined;
  readonly lens: InsightLens | undefined;
  readonly clients: Set<LiveClient>;
}

interface ClientState {
  /** Subscription → topic key. */
  readonly subscriptions: Map<number, string>;
  /** Sequence of the last frame it surely has, from the moment on when it began to lag. */
  lagsBehind: { readonly sequence: number; readonly sinceMs: number } | undefined;
}

interface LiveState {
  readonly topics: Map<string, Topic>;
  readonly clients: Map<LiveClient, ClientState>;
  readonly insights: InsightBoard;
  sequence: number;
}

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
    }),
    receive: (state, message) => {
      receiveLive({ ...options, system, state, self: () => ref }, message);
      return state;
    },
  });
  return ref;
}

interface LiveContext extends LiveOptions {
  readonly system: ActorSystem;
  readonly state: LiveState;
  readonly self: () => LiveRef;
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
      for (const { tail } of live.state.topics.values()) {
        if (tail) for (const batch of message.batches) tail.add(batch);
      }
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
    case 'red-unread':
      noteLag(live, message.client, message.since);
      break;
  }
}

function subscribe(
  live: LiveContext,
  { client, subscription, topic, visible, since }: Extract<LiveMessage, { type: 'subscribe' }>,
): void {
  const { topics, clients } = live.state;
  const known: ClientState = clients.get(client) ?? { subscriptions: new Map(), lagsBehind: undefined };
  clients.set(client, known);
  if (known.subscriptions.size >= MAX_SUBSCRIPTIONS) {
    const message = `a connection has at most ${MAX_SUBSCRIPTIONS} subscriptions`;
    refuse(client, { type: 'refused', subscription, code: 'OVERLOADED', message });
    return;
  }
  unsubscribe(live, client, subscription);
  const key = topicKeyOf(topic, visible);
  let entry = topics.get(key);
  if (!entry) {
    let tail: Tail | undefined;
    if (topic.kind === 'spans' || topic.kind === 'logs') {
      const search = tailSearch(topic);
      if ('error' in search) {
        const message = `q is no search: ${syntaxMessage(search.error)}`;
        refuse(client, { type: 'refused', subscription, code: 'BAD_REQUEST', message });
        return;
      }
      tail = new Tail(topic, search.expression, visible);
    }
    const lens = topic.kind === 'insights' ? insightLens(topic, visible) : undefined;
    entry = { key, topic, isVisible: visibleIds(visible), tail, lens, clients: new Set() };
    topics.set(key, entry);
  }
  known.subscriptions.set(subscription, key);
  entry.clients.add(client);
  const answer: ServerMessage = { type: 'subscribed', subscription, topicKey: key };
  client.send(JSON.stringify(answer));
  client.join(key);
  readAgain(live, client, entry, since ?? 0);
}

/** Sends what frames after `since` showed; all there is to show after 0. What a tail has shown is gone. */
function readAgain(live: LiveContext, client: LiveClient, entry: Topic, since: number): void {
  if (entry.tail) return;
  if (!entry.lens) {
    readRed(live, client, entry, since);
    return;
  }
  const frame = live.state.insights.read(entry.key, entry.lens, since);
  if (frame && !client.send(frame)) noteLag(live, client, 0);
}

function refuse(client: LiveClient, refusal: Extract<ServerMessage, { type: 'refused' }>): void {
  client.send(JSON.stringify(refusal));
}

function unsubscribe(live: LiveContext, client: LiveClient, subscription: number): void {
  const known = live.state.clients.get(client);
  const key = known?.subscriptions.get(subscription);
  if (!known || key === undefined) return;
  known.subscriptions.delete(subscription);
  if ([...known.subscriptions.values()].includes(key)) return;
  client.leave(key);
  const entry = live.state.topics.get(key);
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
  for (const { key, tail } of live.state.topics.values()) {
    const frame = tail?.takeFrame(key, live.now());
    if (frame) live.publish(key, frame);
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

function noteLag(live: LiveContext, client: LiveClient, sequence: number): void {
  const known = live.state.clients.get(client);
  if (!known) return;
  // One frame earlier than it had when this was noticed: that one may be among those passed over.
  const from = Math.max(0, sequence - 2_000);
  const { lagsBehind = { sequence: from, sinceMs: live.now() } } = known;
  known.lagsBehind = { ...lagsBehind, sequence: Math.min(from, lagsBehind.sequence) };
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
