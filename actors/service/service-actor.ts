import type { AnyBatch, ServiceId, ServiceKey, Signal } from '../../proto/columns/index.ts';
import type { EndedRequests } from '../ports/index.ts';
import type { ActorRef, ActorSystem } from '../system/index.ts';
import { RedBoard, type RedKept, type RedRow, type RedSize } from './red-board.ts';
import { Window, type Joined, type WindowPart } from './window.ts';

export type ServiceMessage =
  | {
      readonly type: 'append';
      readonly segment: number;
      readonly batch: AnyBatch;
      /** See `WindowPart`. */
      readonly firstOrdinal: number;
      readonly arrival: number;
      readonly nowSecond: number;
    }
  /** Requests of before, of this service. */
  | { readonly type: 'add-ended'; readonly ended: readonly EndedRequests[]; readonly nowSecond: number }
  | { readonly type: 'evict'; readonly segments: ReadonlySet<number> }
  /** Some small batches of segments up to this one become one; `undefined`: there are none. */
  | {
      readonly type: 'join';
      readonly through: number;
      readonly reply: (answer: Joined | undefined) => void;
    }
  | { readonly type: 'trim-red'; readonly kept: RedKept }
  | {
      readonly type: 'take-red-changes';
      readonly sequence: number;
      readonly reply: (answer: ServiceRed) => void;
    }
  | {
      readonly type: 'read-red';
      readonly afterSequence: number;
      readonly nowSecond: number;
      readonly reply: (answer: ServiceRed) => void;
    }
  | {
      readonly type: 'snapshot';
      readonly signal: Signal;
      /** See `Window.snapshot`. */
      readonly afterArrival: number | undefined;
      readonly reply: (answer: ServiceWindow) => void;
    };

export interface ServiceRed {
  readonly id: ServiceId;
  readonly rows: readonly RedRow[];
}

export interface ServiceWindow<S extends Signal = Signal> {
  readonly service: ServiceKey;
  readonly parts: readonly WindowPart<S>[];
}

export type ServiceRef = ActorRef<ServiceMessage>;

interface ServiceState {
  readonly id: ServiceId;
  readonly service: ServiceKey;
  readonly window: Window;
  readonly red: RedBoard;
}

/**
 * Ingest admits requests only while few are on their way (see the ingest gate), so a mailbox this deep is never
 * full; it bounds the damage should that ever be wrong.
 */
const MAILBOX = 100_000;

/** One per service. A crash keeps the window: the message that caused it is lost to the window, not to the archive. */
export function spawnServiceActor(
  system: ActorSystem,
  id: ServiceId,
  service: ServiceKey,
  redSize: RedSize,
): ServiceRef {
  return system.spawn<ServiceState, ServiceMessage>({
    name: `service:${id}`,
    kind: 'service',
    capacity: MAILBOX,
    onCrash: 'resume',
    initialState: () => ({ id, service, window: new Window(), red: new RedBoard(redSize) }),
    receive: receiveService,
  });
}

export function receiveService(state: ServiceState, message: ServiceMessage): ServiceState {
  switch (message.type) {
    case 'append':
      state.window.append(message.segment, message.batch, message.firstOrdinal, message.arrival);
      state.red.add(message.batch, message.nowSecond);
      break;
    case 'add-ended':
      state.red.addEnded(message.ended, message.nowSecond);
      break;
    case 'evict':
      state.window.evict(message.segments);
      break;
    case 'join':
      message.reply(state.window.join(message.through));
      break;
    case 'trim-red':
      state.red.trim(message.kept);
      break;
    case 'take-red-changes':
      message.reply({ id: state.id, rows: state.red.takeChanges(message.sequence) });
      break;
    case 'read-red':
      message.reply({ id: state.id, rows: state.red.shownAfter(message.afterSequence, message.nowSecond) });
      break;
    case 'snapshot':
      message.reply({
        service: state.service,
        parts: state.window.snapshot(message.signal, message.afterArrival),
      });
      break;
  }
  return state;
}
