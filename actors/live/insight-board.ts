import type { VisibleServices } from '../../proto/access/index.ts';
import type { InsightJson } from '../../proto/api/index.ts';
import { INSIGHT_COLUMNS, type FrameHead, type LiveTopic } from '../../proto/live/index.ts';
import { emptyFrame, encodeFrame } from '../../workers/frames/index.ts';
import { insightView } from '../insight-view/index.ts';

export type InsightTopic = Extract<LiveTopic, { readonly kind: 'insights' }>;

/** An insight as those of one topic see it; `undefined` where they do not. */
export type InsightLens = (insight: InsightJson) => InsightJson | undefined;

interface Posted {
  readonly insight: InsightJson;
  readonly sequence: number;
  /** Characters as JSON. */
  readonly size: number;
}

/** As a snapshot they fit what a socket may hold; those that changed longest ago go first. */
const MOST_OPEN = 1_000;
const MOST_OPEN_SIZE = 8_000_000;
/** Of which it is known that they were left out; more are not counted. */
const MOST_LEFT_OUT = 10_000;
/** That are over, for clients that come back. */
const MOST_OVER = 500;
const MOST_OVER_SIZE = 4_000_000;

export function insightLens(topic: InsightTopic, visible: VisibleServices): InsightLens {
  const view = insightView(visible);
  return (insight) => {
    const seen = view(insight);
    if (!seen || topic.service === undefined) return seen;
    const affects = seen.service.id === topic.service || seen.services.some(({ id }) => id === topic.service);
    return affects ? seen : undefined;
  };
}

/** Insights that hold, and the last that ended: what there is to show live. */
export class InsightBoard {
  /** Those that changed last are last. */
  private readonly open = new Map<string, Posted>();
  private readonly over = new Map<string, Posted>();
  private openSize = 0;
  private overSize = 0;
  /** Ids of those that hold and had to go. */
  private readonly leftOut = new Set<string>();
  /** Of the last change, Unix ms. */
  private sequence: number;
  /** Changes after this one are all known. */
  private knownSince: number;

  constructor(nowMs: number) {
    this.sequence = nowMs;
    this.knownSince = nowMs;
  }

  /** Takes changes in. What it answers makes the frame of a topic, `undefined` when nothing of it changed there. */
  change(
    changed: readonly InsightJson[],
    nowMs: number,
  ): (topicKey: string, lens: InsightLens) => Uint8Array | undefined {
    this.sequence = Math.max(this.sequence + 1, nowMs);
    const { sequence } = this;
    const rows = changed.map((insight) => ({ insight, before: this.post(insight)?.insight }));
    return (topicKey, lens) => {
      const shown = rows.flatMap(({ insight, before }) => lens(insight) ?? gone(before && lens(before)));
      const head = { topicKey, sequence: String(sequence), mode: 'change' } as const;
      return shown.length === 0 ? undefined : insightFrame(shown, head);
    };
  }

  /** What has changed after `since`; all that hold where that is not known any more. `undefined`: nothing has. */
  read(topicKey: string, lens: InsightLens, since: number): Uint8Array | undefined {
    const isKnown = since >= this.knownSince;
    const posted = isKnown
      ? [...this.open.values(), ...this.over.values()].filter(({ sequence }) => sequence > since)
      : [...this.open.values()];
    const shown = posted.flatMap(({ insight }) => lens(insight) ?? []);
    if (isKnown && shown.length === 0) return undefined;
    return insightFrame(shown, {
      topicKey,
      sequence: String(this.sequence),
      mode: isKnown ? 'change' : 'snapshot',
      ...(this.leftOut.size > 0 && !isKnown && { dropped: String(this.leftOut.size) }),
    });
  }

  /** Answers what was posted of it before. */
  private post(insight: InsightJson): Posted | undefined {
    const before = this.remove(insight.id);
    const posted = { insight, sequence: this.sequence, size: JSON.stringify(insight).length };
    if (insight.state === 'open') {
      this.open.set(insight.id, posted);
      this.openSize += posted.size;
    } else {
      this.over.set(insight.id, posted);
      this.overSize += posted.size;
    }
    // Whoever saw it as it was may not see it as it is: they begin anew.
    if (before && hasMoved(before.insight, insight)) this.knownSince = this.sequence;
    this.letGo();
    return before;
  }

  private remove(id: string): Posted | undefined {
    const open = this.open.get(id);
    const over = this.over.get(id);
    if (open) this.openSize -= open.size;
    if (over) this.overSize -= over.size;
    this.open.delete(id);
    this.over.delete(id);
    this.leftOut.delete(id);
    return open ?? over;
  }

  private letGo(): void {
    while (this.open.size > 1 && (this.open.size > MOST_OPEN || this.openSize > MOST_OPEN_SIZE)) {
      const id = this.letOldestGo(this.open);
      if (this.leftOut.size < MOST_LEFT_OUT) this.leftOut.add(id);
    }
    while (this.over.size > 1 && (this.over.size > MOST_OVER || this.overSize > MOST_OVER_SIZE)) {
      this.letOldestGo(this.over);
    }
  }

  private letOldestGo(posted: ReadonlyMap<string, Posted>): string {
    const [oldest = ''] = posted.keys();
    this.knownSince = Math.max(this.knownSince, this.remove(oldest)?.sequence ?? 0);
    return oldest;
  }
}

/** For those who saw it as it was and do not see it as it is. */
function gone(before: InsightJson | undefined): InsightJson[] {
  return before?.state === 'open' ? [{ ...before, state: 'over', endedUnixMs: before.updatedUnixMs }] : [];
}

function hasMoved(before: InsightJson, after: InsightJson): boolean {
  const affected = new Set(after.services.map(({ id }) => id));
  return before.service.id !== after.service.id || before.services.some(({ id }) => !affected.has(id));
}

function insightFrame(insights: readonly InsightJson[], head: FrameHead): Uint8Array {
  const data = emptyFrame(INSIGHT_COLUMNS);
  for (const insight of insights) {
    data.id.push(insight.id);
    data.kind.push(insight.kind);
    data.state.push(insight.state);
    data.severity.push(insight.severity);
    data.service.push(insight.service.id);
    data.title.push(insight.title);
    data.startedUnixMs.push(insight.startedUnixMs);
    data.updatedUnixMs.push(insight.updatedUnixMs);
    data.insight.push(JSON.stringify(insight));
  }
  return encodeFrame(INSIGHT_COLUMNS, data, insights.length, head);
}
