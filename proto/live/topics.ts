import { z } from 'zod';
import type { Requirement } from '../access/index.ts';
import type { TailGap } from './tail-gap.ts';

/**
 * What a browser may subscribe to over its one WebSocket (`/live`). Clients send JSON text messages
 * (`clientMessage`); the server answers with JSON text messages (`ServerMessage`) and sends data as binary messages,
 * each one Arrow IPC stream whose schema metadata is a `FrameHead`.
 */

const serviceId = z.string().min(1).max(1_000);
const text = z.string().max(200);
/** A search line, of which `SearchSyntaxError` says what is wrong with it. */
const line = z.string().max(4_000);

export const liveTopic = z.discriminatedUnion('kind', [
  /** RED figures of every service, once a second: `RED_COLUMNS`. */
  z.strictObject({ kind: z.literal('overview') }),
  /** RED figures of one service and of its operations, once a second: `RED_COLUMNS`. */
  z.strictObject({ kind: z.literal('service'), service: serviceId }),
  /** Spans as they come, at most ten frames a second: `SPAN_TAIL_COLUMNS`. */
  z.strictObject({
    kind: z.literal('spans'),
    service: serviceId.optional(),
    text: text.optional(),
    q: line.optional(),
    errorsOnly: z.boolean().optional(),
    minDurationMs: z.number().min(0).optional(),
  }),
  /** Log records as they come, at most ten frames a second: `LOG_TAIL_COLUMNS`. */
  z.strictObject({
    kind: z.literal('logs'),
    service: serviceId.optional(),
    text: text.optional(),
    q: line.optional(),
    minSeverity: z.number().int().min(1).max(24).optional(),
  }),
  /** Insights as they begin, change and end: `INSIGHT_COLUMNS`. */
  z.strictObject({ kind: z.literal('insights'), service: serviceId.optional() }),
]);
export type LiveTopic = z.infer<typeof liveTopic>;

/** What one must be allowed to in order to subscribe. */
export const TOPIC_NEEDS = {
  overview: 'services:read',
  service: 'services:read',
  spans: 'traces:read',
  logs: 'logs:read',
  insights: 'insights:read',
} as const satisfies Readonly<Record<LiveTopic['kind'], Requirement>>;

export const clientMessage = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('subscribe'),
    /** Chosen by the client; frames and answers carry it back. */
    subscription: z.number().int().min(0).max(2_147_483_647),
    topic: liveTopic,
    /** RED topics and insights: send what has changed since this frame (`FrameHead.sequence`), if that is still known. */
    since: z.number().int().min(0).optional(),
    /** Tails: send first what has arrived after this `cursor` and matches, as far as it is in memory. */
    after: z.string().max(100).optional(),
  }),
  z.strictObject({ type: z.literal('unsubscribe'), subscription: z.number().int().min(0) }),
]);
export type ClientMessage = z.infer<typeof clientMessage>;

export type ServerMessage =
  /**
   * `topicKey` is how frames of this subscription name their topic. `cursor`: where a tail begins; without one when it goes on
   * after another, whose frame comes next.
   */
  | {
      readonly type: 'subscribed';
      readonly subscription: number;
      readonly topicKey: string;
      readonly cursor?: string;
    }
  | {
      readonly type: 'refused';
      readonly subscription: number | null;
      readonly code: string;
      readonly message: string;
    };

/** Schema metadata of a frame: strings, as Arrow has it. */
export interface FrameHead {
  readonly topicKey: string;
  /** Grows from frame to frame of a topic, and over restarts of the server (it is a Unix time in ms). */
  readonly sequence: string;
  /** `snapshot`: all that the ring holds, replace what you have. `change`: rows to put over the old ones. */
  readonly mode: 'snapshot' | 'change';
  /** Tails: rows that matched but were left out since the last frame. Snapshots of insights: those that hold and were left out. */
  readonly dropped?: string;
  /**
   * Tails: all that had arrived before this point is in this frame and those before it, or was left out. To be sent as `after`.
   * It is a point among all arrivals, and so is good for any tail.
   */
  readonly cursor?: string;
  /** Tails: the rows that came after the cursor this subscription was begun with. For it alone, whoever else follows the topic. */
  readonly subscription?: string;
  /**
   * Of such a frame. `forgotten`: more was left out than `dropped` says, as a part is no longer in memory or was not looked through.
   * `restarted`: the cursor is of before a start of the platform, so that the tail begins anew.
   */
  readonly gap?: TailGap;
}
