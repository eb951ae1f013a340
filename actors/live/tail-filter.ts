import type { VisibleServices } from '../../proto/access/index.ts';
import { serviceIdOf, type AnyBatch, type ServiceBatch, type ServiceKey } from '../../proto/columns/index.ts';
import type { LiveTopic } from '../../proto/live/index.ts';
import type { ParsedSearch, SearchExpression } from '../../proto/query/index.ts';
import {
  logSearch,
  parseSearch,
  RowSelection,
  spanSearch,
  visibilityTest,
} from '../../workers/search/index.ts';

export type TailTopic = Extract<LiveTopic, { readonly kind: 'spans' | 'logs' }>;

/** Which rows a tail shows to those who may see `visible`. */
export class TailFilter {
  readonly topic: TailTopic;
  private readonly search: SearchExpression;
  private readonly visible: VisibleServices;
  private readonly isVisible: (service: ServiceKey) => boolean;
  private selection: RowSelection | undefined;
  private generation: number | undefined;

  constructor(topic: TailTopic, search: SearchExpression, visible: VisibleServices) {
    this.topic = topic;
    this.search = search;
    this.visible = visible;
    this.isVisible = visibilityTest(visible);
  }

  /** The same for another reader: what one remembers is of where it is. */
  again(): TailFilter {
    return new TailFilter(this.topic, this.search, this.visible);
  }

  get signal(): 'traces' | 'logs' {
    return this.topic.kind === 'spans' ? 'traces' : 'logs';
  }

  mayShow(service: ServiceKey): boolean {
    const { topic } = this;
    return (topic.service === undefined || topic.service === serviceIdOf(service)) && this.isVisible(service);
  }

  /** Rows that are shown: 1 in the mask, which is good until the next call. `undefined` when there are none. */
  select({ service, batch }: ServiceBatch): Uint8Array | undefined {
    if (batch.signal !== this.signal || !this.mayShow(service)) return undefined;
    const selection = this.selectionFor(batch as AnyBatch);
    return selection.select({ service, batch }) === 0 ? undefined : selection.mask;
  }

  /** A selection remembers what it has found out of each generation; a tail lives long, and looks at the newest only. */
  private selectionFor({ dictionary }: AnyBatch): RowSelection {
    if (!this.selection || this.generation !== dictionary.id) {
      this.selection = new RowSelection(this.search, this.signal);
      this.generation = dictionary.id;
    }
    return this.selection;
  }
}

/** What a topic shows; a line that is no search is told, with the place and what was expected there. */
export function tailSearch(topic: TailTopic): ParsedSearch {
  const parsed = parseSearch(topic.q ?? '', topic.kind === 'spans' ? 'traces' : 'logs');
  if ('error' in parsed) return parsed;
  const shared = { search: parsed.expression, ...(topic.text === undefined ? {} : { text: topic.text }) };
  if (topic.kind === 'logs') {
    const { minSeverity } = topic;
    return { expression: logSearch({ ...shared, ...(minSeverity === undefined ? {} : { minSeverity }) }) };
  }
  const { errorsOnly, minDurationMs } = topic;
  return {
    expression: spanSearch({
      ...shared,
      ...(errorsOnly === true ? { status: 'error' } : {}),
      ...(minDurationMs === undefined ? {} : { minDurationNano: BigInt(Math.round(minDurationMs * 1e6)) }),
    }),
  };
}
