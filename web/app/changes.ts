import { createMemo, onCleanup, type Accessor } from 'solid-js';
import type { ServiceChangeJson } from '../../proto/api/index.ts';
import { createAnswer } from '../api/create-answer.ts';
import { formatDateTime, type TimeZone } from '../ui/format.ts';

export interface WantedChanges {
  readonly from: string;
  readonly to: string;
  readonly service?: string;
  readonly kind?: ServiceChangeJson['kind'];
}

/** A deploy is on the page so soon after it was noticed. */
const ASK_EVERY_MS = 10_000;
const MOST_CHANGES = 500;

/** Deploys, restarts and scalings of a range, newest first, asked for again and again; none while they cannot be had. */
export function createChanges(wanted: Accessor<WantedChanges>): Accessor<readonly ServiceChangeJson[]> {
  const answer = createAnswer(() => ({
    path: '/api/v1/changes',
    query: { ...wanted(), limit: MOST_CHANGES },
  }));
  const timer = setInterval(() => {
    answer.refetch();
  }, ASK_EVERY_MS);
  onCleanup(() => {
    clearInterval(timer);
  });
  const changes = createMemo(() => answer.data()?.changes ?? []);
  return changes;
}

/** As the mark on a chart says it. */
export function changeLabel({ kind, version, instance }: ServiceChangeJson): string {
  if (kind === 'deploy') return version;
  return kind === 'restart' ? 'restart' : `+ ${instance}`;
}

/** In words, with its moment. */
export function changeText(change: ServiceChangeJson, zone: TimeZone): string {
  const what =
    change.kind === 'deploy'
      ? `Deploy of ${change.version}`
      : change.kind === 'restart'
        ? `Restart as ${change.instance}`
        : `New instance ${change.instance}`;
  return `${what} at ${formatDateTime(change.atUnixMs, zone)}`;
}
