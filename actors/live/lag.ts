import type { LiveClient } from './live-client.ts';
import type { LiveContext } from './live-state.ts';

/** The client may not have been sent what frames after `sequence` show. */
export function noteLag(live: LiveContext, client: LiveClient, sequence: number): void {
  const known = live.state.clients.get(client);
  if (!known) return;
  // One frame earlier than it had when this was noticed: that one may be among those passed over.
  const from = Math.max(0, sequence - 2_000);
  const { lagsBehind = { sequence: from, sinceMs: live.now() } } = known;
  known.lagsBehind = { ...lagsBehind, sequence: Math.min(from, lagsBehind.sequence) };
}
