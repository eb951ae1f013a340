import {
  serviceIdOf,
  type AnyBatch,
  type ServiceBatch,
  type ServiceId,
  type ServiceKey,
  type Signal,
} from '../../proto/columns/index.ts';
import { RED_RING_SECONDS } from '../../proto/live/index.ts';
import {
  noRedSize,
  spawnServiceActor,
  type Joined,
  type RedSize,
  type ServiceMessage,
  type ServiceRed,
  type ServiceRef,
  type ServiceWindow,
} from '../service/index.ts';
import type { EndedRequests } from '../ports/index.ts';
import type { ActorRef, ActorSystem } from '../system/index.ts';
import { Ordinals } from './ordinals.ts';
import { RedBudget } from './red-budget.ts';
import type { WindowBudget } from './window-budget.ts';

export type ServicesMessage =
  /** Batches of one accepted request, durable in journal segment `segment`. `arrival`: see `WindowPart`; 0 where nobody follows tails. */
  | {
      readonly type: 'append';
      readonly segment: number;
      readonly batches: readonly ServiceBatch[];
      readonly arrival?: number;
    }
  /** Requests of segments that were never appended: the figures take them in. */
  | { readonly type: 'add-ended'; readonly ended: readonly EndedRequests[] }
  /** All segments up to this one are archived: their batches may leave the windows. */
  | { readonly type: 'archived'; readonly through: number }
  /** Drop what is too old or too much. Sent once a second. */
  | { readonly type: 'age' }
  /** The process is short of memory by so much. */
  | { readonly type: 'squeeze'; readonly excessBytes: number }
  | {
      readonly type: 'take-red-changes';
      readonly sequence: number;
      readonly reply: (answer: readonly ServiceRed[]) => void;
    }
  | {
      readonly type: 'read-red';
      readonly service?: ServiceId;
      readonly afterSequence: number;
      readonly reply: (answer: readonly ServiceRed[]) => void;
    }
  | {
      readonly type: 'snapshot';
      readonly service?: ServiceId;
      readonly signal: Signal;
      /** Without what holds nothing newer. */
      readonly afterArrival?: number;
      readonly reply: (answer: readonly ServiceWindow[]) => void;
    };

export type ServicesRef = ActorRef<ServicesMessage>;

export interface ServicesOptions {
  readonly budget: WindowBudget;
  /** These segments left the windows, archived or not. */
  readonly onEvicted?: (segments: ReadonlySet<number>) => void;
  /** Small batches of these segments were replaced by larger ones. */
  readonly onJoined?: (segments: ReadonlySet<number>) => void;
  /** What comes of more services is archived and not shown before. Default 4,000. */
  readonly maxServices?: number;
  /** Unix ms. */
  readonly now: () => number;
}

interface KnownService {
  readonly ref: ServiceRef;
  readonly redSize: RedSize;
  /** Of its newest batch. */
  segment: number;
  seenMs: number;
}

interface ServicesState {
  readonly services: Map<ServiceId, KnownService>;
  readonly redBudget: RedBudget;
  readonly ordinals: Ordinals;
  readonly options: ServicesOptions;
}

const MAILBOX = 100_000;
/** Names with ids in them must not fill the memory: a service takes ≈ 25 KB beside its window. */
const MAX_SERVICES = 4_000;
/** The newest archived segments, in which windows and archive can be compared (`query/shadow-check.ts`). */
const KEPT_AS_THEY_CAME = 2;

/** Knows every service: makes its actor on first sight, hands it its batches, and keeps all windows within budget. */
export function spawnServicesActor(system: ActorSystem, options: ServicesOptions): ServicesRef {
  const services = new Map<ServiceId, KnownService>();
  const redBudget = new RedBudget(options.budget.maxBytes);
  return system.spawn<ServicesState, ServicesMessage>({
    name: 'services',
    kind: 'services',
    capacity: MAILBOX,
    onCrash: 'resume',
    initialState: () => ({ services, redBudget, ordinals: new Ordinals(), options }),
    receive: (state, message) => receiveServices(system, state, message),
  });
}

export function receiveServices(
  system: ActorSystem,
  state: ServicesState,
  message: ServicesMessage,
): ServicesState {
  const { services, options } = state;
  const nowMs = options.now();
  const nowSecond = Math.floor(nowMs / 1000);
  const refs = (id: ServiceId | undefined): readonly ServiceRef[] => {
    if (id === undefined) return [...services.values()].map(({ ref }) => ref);
    const known = services.get(id);
    return known ? [known.ref] : [];
  };
  const evict = (): void => {
    const segments = new Set(options.budget.takeEvictable(nowMs));
    if (segments.size === 0) return;
    for (const { ref } of services.values()) system.tell(ref, { type: 'evict', segments });
    options.onEvicted?.(segments);
  };

  switch (message.type) {
    case 'append': {
      const { segment, arrival = 0 } = message;
      for (const { service, batch } of message.batches) {
        const firstOrdinal = state.ordinals.take(segment, batch.signal, batch.rowCount);
        const id = serviceIdOf(service);
        const known = services.get(id) ?? addService(system, state, id, service);
        if (!known) {
          // Too many: it is archived, and found there.
          options.budget.passedOver(segment, batch.rowCount, arrival);
          continue;
        }
        known.segment = Math.max(known.segment, segment);
        known.seenMs = nowMs;
        system.tell(known.ref, {
          type: 'append',
          segment,
          batch: batch as AnyBatch,
          firstOrdinal,
          arrival,
          nowSecond,
        });
        options.budget.add(segment, batch as AnyBatch, nowMs, arrival);
      }
      evict();
      break;
    }
    case 'add-ended':
      addEnded(system, state, message.ended, nowSecond);
      break;
    case 'archived':
      options.budget.archived(message.through);
      evict();
      void joinSmall(system, state, message.through);
      break;
    case 'age':
      options.budget.relax();
      trimRed(system, state, nowSecond);
      evict();
      forgetIdle(system, state, nowMs);
      break;
    case 'squeeze':
      options.budget.squeeze(message.excessBytes);
      evict();
      break;
    case 'take-red-changes':
      gather(refs(undefined), message.reply, (ref) =>
        system.ask<ServiceMessage, ServiceRed>(ref, (reply) => ({
          type: 'take-red-changes',
          sequence: message.sequence,
          reply,
        })),
      );
      break;
    case 'read-red':
      gather(refs(message.service), message.reply, (ref) =>
        system.ask<ServiceMessage, ServiceRed>(ref, (reply) => ({
          type: 'read-red',
          afterSequence: message.afterSequence,
          nowSecond,
          reply,
        })),
      );
      break;
    case 'snapshot':
      gather(refs(message.service), message.reply, (ref) =>
        system.ask<ServiceMessage, ServiceWindow>(ref, (reply) => ({
          type: 'snapshot',
          signal: message.signal,
          afterArrival: message.afterArrival,
          reply,
        })),
      );
      break;
  }
  return state;
}

/** A service of which nothing else is known is forgotten when its figures are too old. */
function addEnded(
  system: ActorSystem,
  state: ServicesState,
  ended: readonly EndedRequests[],
  nowSecond: number,
): void {
  const byService = new Map<ServiceId, EndedRequests[]>();
  for (const each of ended) {
    const id = serviceIdOf(each.service);
    const known = byService.get(id);
    if (known) known.push(each);
    else byService.set(id, [each]);
  }
  for (const [id, ofService] of byService) {
    const [first] = ofService;
    const known = first && (state.services.get(id) ?? addService(system, state, id, first.service));
    if (!known) continue;
    for (const { second } of ofService) known.seenMs = Math.max(known.seenMs, second * 1_000);
    system.tell(known.ref, { type: 'add-ended', ended: ofService, nowSecond });
  }
}

function addService(
  system: ActorSystem,
  { services, options }: ServicesState,
  id: ServiceId,
  service: ServiceKey,
): KnownService | undefined {
  if (services.size >= (options.maxServices ?? MAX_SERVICES)) return undefined;
  const redSize = noRedSize();
  const known = { ref: spawnServiceActor(system, id, service, redSize), redSize, segment: 0, seenMs: 0 };
  services.set(id, known);
  return known;
}

/**
 * What is archived is no longer read by its order of arrival, and so may be put together (`decisions/0011`): a few milliseconds'
 * work at a time, between which others have their turns.
 */
async function joinSmall(
  system: ActorSystem,
  { services, options }: ServicesState,
  archivedThrough: number,
): Promise<void> {
  const through = archivedThrough - KEPT_AS_THEY_CAME;
  const segments = new Set<number>();
  const joinNext = (ref: ServiceRef): Promise<Joined | undefined> =>
    system
      .ask<ServiceMessage, Joined | undefined>(ref, (reply) => ({ type: 'join', through, reply }))
      // Its crash was reported; it goes on with batches as they came.
      .catch(() => undefined);
  for (const { ref } of [...services.values()]) {
    for (let joined = await joinNext(ref); joined; joined = await joinNext(ref)) {
      options.budget.joined(joined);
      segments.add(joined.segment);
    }
  }
  if (segments.size > 0) options.onJoined?.(segments);
}

/** Figures take from what the windows may have. */
function trimRed(
  system: ActorSystem,
  { services, redBudget, options }: ServicesState,
  nowSecond: number,
): void {
  const usedBytes = redBudget.usedBytes;
  const kept = redBudget.adjust(
    [...services.values()].map(({ redSize }) => redSize),
    nowSecond,
  );
  options.budget.borrow(redBudget.usedBytes - usedBytes);
  if (!kept) return;
  for (const { ref } of services.values()) system.tell(ref, { type: 'trim-red', kept });
}

/** A service with an empty window and nothing left in its RED ring. */
function forgetIdle(system: ActorSystem, { services, options }: ServicesState, nowMs: number): void {
  for (const [id, { ref, segment, seenMs }] of services) {
    if (nowMs - seenMs <= RED_RING_SECONDS * 1_000 || options.budget.holds(segment)) continue;
    system.stopActor(ref);
    services.delete(id);
  }
}

/** A service that crashes on the question is left out: the others' answers are still worth having. */
function gather<Answer>(
  refs: readonly ServiceRef[],
  reply: (answers: readonly Answer[]) => void,
  ask: (ref: ServiceRef) => Promise<Answer>,
): void {
  void Promise.allSettled(refs.map(ask)).then((results) => {
    reply(results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])));
  });
}
