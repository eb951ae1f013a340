import type { VisibleServices } from '../../proto/access/index.ts';
import type { InsightJson } from '../../proto/api/index.ts';
import type { ServiceBatch, ServiceId } from '../../proto/columns/index.ts';
import type { FrameHead, LiveTopic } from '../../proto/live/index.ts';
import type { ServiceRed } from '../service/index.ts';
import type { ServicesRef, WindowBudget } from '../services/index.ts';
import type { ActorRef, ActorSystem } from '../system/index.ts';
import type { InsightBoard, InsightLens } from './insight-board.ts';
import type { Joining, MissedRead } from './joining.ts';
import type { LiveClient, PublishFrame } from './live-client.ts';
import type { Tail } from './tail.ts';

export type LiveMessage =
  | {
      readonly type: 'subscribe';
      readonly client: LiveClient;
      readonly subscription: number;
      readonly topic: LiveTopic;
      /** Services that the client may see. */
      readonly visible: VisibleServices;
      readonly since?: number;
      /** A cursor; whatever the client wrote. */
      readonly after?: string;
    }
  | { readonly type: 'unsubscribe'; readonly client: LiveClient; readonly subscription: number }
  | { readonly type: 'closed'; readonly client: LiveClient }
  | { readonly type: 'drained'; readonly client: LiveClient }
  /** Batches of one accepted request; the windows were told of it before, with the same number. */
  | { readonly type: 'append'; readonly batches: readonly ServiceBatch[]; readonly arrival: number }
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
  /** What a tail's subscription missed, as a frame. */
  | {
      readonly type: 'missed-read';
      readonly client: LiveClient;
      readonly topicKey: string;
      readonly read: MissedRead;
      readonly frame: Uint8Array;
    }
  /** What frames after `since` showed could not be read for this client. */
  | { readonly type: 'red-unread'; readonly client: LiveClient; readonly since: number };

export type Subscribe = Extract<LiveMessage, { readonly type: 'subscribe' }>;

export type LiveRef = ActorRef<LiveMessage>;

export interface LiveOptions {
  readonly services: ServicesRef;
  /** Of the windows. */
  readonly budget: Pick<WindowBudget, 'goneThrough'>;
  readonly publish: PublishFrame;
  /** Unix ms. */
  readonly now: () => number;
}

export interface Topic {
  readonly key: string;
  readonly topic: LiveTopic;
  readonly isVisible: (id: ServiceId) => boolean;
  readonly tail: Tail | undefined;
  readonly lens: InsightLens | undefined;
  readonly clients: Set<LiveClient>;
  /** Clients of a tail that are sent what they missed first. */
  readonly joining: Map<LiveClient, Joining>;
}

export interface ClientState {
  /** Subscription → topic key. */
  readonly subscriptions: Map<number, string>;
  /** Sequence of the last frame it surely has, from the moment on when it began to lag. */
  lagsBehind: { readonly sequence: number; readonly sinceMs: number } | undefined;
  /** What its tails missed is read one after the other. */
  reads: Promise<void>;
}

export interface LiveState {
  readonly topics: Map<string, Topic>;
  readonly clients: Map<LiveClient, ClientState>;
  readonly insights: InsightBoard;
  sequence: number;
  /** Tells the starts of the platform apart, in cursors. */
  readonly instance: number;
  /** Of the last delivery. */
  arrival: number;
}

export interface LiveContext extends LiveOptions {
  readonly system: ActorSystem;
  readonly state: LiveState;
  readonly self: () => LiveRef;
}
