import type { FrameHead } from '../../proto/live/index.ts';
import { Joining } from './joining.ts';
import type { LiveClient } from './live-client.ts';
import { noteLag } from './lag.ts';
import type { LiveContext, LiveMessage, LiveState, Subscribe, Topic } from './live-state.ts';
import { missedFrame, readMissedRows } from './missed-rows.ts';
import { readCursor, writeCursor, type TailStart } from './tail-cursor.ts';
import { TailRows } from './tail-rows.ts';
import type { Tail } from './tail.ts';

/** Where a subscription wants to go on; `undefined` where it begins with what comes. */
export function tailStart(state: LiveState, { topic, after }: Subscribe): TailStart | undefined {
  if (after === undefined) return undefined;
  if (topic.kind === 'spans' || topic.kind === 'logs') return readCursor(after, state);
  const reason = `after goes with tails of spans and logs; a topic of kind ${topic.kind} goes on with since`;
  return { type: 'wrong', reason };
}

/** Has what a subscription to a tail missed read and sent to it alone, before the client joins the topic. */
export function goOn(
  live: LiveContext,
  { key, joining: all }: Topic,
  { filter, through }: Tail,
  { client, subscription }: Subscribe,
  start: TailStart,
): void {
  const { system, state, now } = live;
  const joining = all.get(client) ?? new Joining(through);
  // Another of its subscriptions may have joined.
  client.leave(key);
  all.set(client, joining);
  const read = joining.begin(subscription);
  const tell = (frame: Uint8Array): void => {
    system.tell(live.self(), { type: 'missed-read', client, topicKey: key, read, frame });
  };
  const head = (): FrameHead => ({
    ...{ topicKey: key, sequence: String(now()), mode: 'change', subscription: String(subscription) },
    cursor: cursorAt(live, joining.through),
  });
  const { kind } = filter.topic;
  if (start.type !== 'after') {
    tell(new TailRows(kind).frame({ ...head(), gap: 'restarted' }));
    return;
  }
  const known = state.clients.get(client);
  if (!known) return;
  known.reads = known.reads.then(async () => {
    if (!joining.awaits(read)) return;
    const range = { after: start.arrival, through: joining.through };
    // A crash on the question is counted and logged where it happened.
    const missed = await readMissedRows(live, filter.again(), range).catch(() => undefined);
    tell(missedFrame(missed, kind, head()));
  });
}

export function takeMissed(
  live: LiveContext,
  { client, topicKey, read, frame }: Extract<LiveMessage, { type: 'missed-read' }>,
): void {
  const entry = live.state.topics.get(topicKey);
  entry?.joining.get(client)?.take(read, frame);
  if (entry) join(live, client, entry);
}

/** Lets a client into a tail's topic once it has what it missed. */
export function join(live: LiveContext, client: LiveClient, { key, joining: all }: Topic): void {
  const joining = all.get(client);
  if (!joining) return;
  if (!joining.sendTo(client)) {
    noteLag(live, client, live.state.sequence);
    return;
  }
  if (joining.isReading) return;
  all.delete(client);
  client.join(key);
}

export function cursorAt({ state }: LiveContext, arrival: number): string {
  return writeCursor({ instance: state.instance, arrival });
}
