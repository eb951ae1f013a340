import type { VisibleServices } from '../../proto/access/index.ts';
import type { LiveTopic } from '../../proto/live/index.ts';

/** The same topic for those who may see the same gives the same key, in whatever order its members were written. */
export function topicKeyOf(topic: LiveTopic, visible: VisibleServices): string {
  const shown = visible === 'all' ? topic : { ...topic, visible };
  const entries = Object.entries(shown).filter(([, value]) => value !== undefined && value !== '');
  return JSON.stringify(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
}
