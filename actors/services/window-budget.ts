interface SegmentBytes {
  readonly segment: number;
  bytes: number;
  /** Unix ms at which its newest batch came. */
  newestMs: number;
}

export interface WindowBudgetOptions {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/**
 * What all windows together hold, by journal segment. Oldest go first: a whole segment at a time, once the archive
 * has it and it is too old or the whole too large.
 */
export class WindowBudget {
  private readonly segments: SegmentBytes[] = [];
  private archivedThrough = 0;
  private readonly options: WindowBudgetOptions;
  usedBytes = 0;

  constructor(options: WindowBudgetOptions) {
    this.options = options;
  }

  /** Nothing more fits and nothing may leave: the receivers have to push back. */
  get isFull(): boolean {
    return this.usedBytes >= this.options.maxBytes && (this.segments[0]?.segment ?? 0) > this.archivedThrough;
  }

  add(segment: number, bytes: number, nowMs: number): void {
    this.usedBytes += bytes;
    let last = this.segments.at(-1);
    if (last?.segment !== segment) {
      last = { segment, bytes: 0, newestMs: nowMs };
      this.segments.push(last);
    }
    last.bytes += bytes;
    last.newestMs = nowMs;
  }

  archived(through: number): void {
    this.archivedThrough = Math.max(this.archivedThrough, through);
  }

  /** The last segment that has to leave now, taken off the account; `undefined` when none has to. */
  takeEvictable(nowMs: number): number | undefined {
    let evicted: number | undefined;
    for (;;) {
      const oldest = this.segments[0];
      if (!oldest || oldest.segment > this.archivedThrough) return evicted;
      const tooOld = nowMs - oldest.newestMs > this.options.maxAgeMs;
      if (!tooOld && this.usedBytes <= this.options.maxBytes) return evicted;
      this.segments.shift();
      this.usedBytes -= oldest.bytes;
      evicted = oldest.segment;
    }
  }
}
