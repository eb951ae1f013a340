interface Waiting {
  readonly dueMs: number;
  /** Those due at one moment come in the order they were put in. */
  readonly order: number;
  readonly work: () => void;
}

/**
 * Time that passes only when nothing is left to do at its moment: the clock of a discrete event simulation, in which programs that
 * wait by promises run unchanged. Milliseconds since 1970.
 */
export class VirtualClock {
  private readonly heap: Waiting[] = [];
  private now: number;
  private orders = 0;

  constructor(startUnixMs: number) {
    this.now = startUnixMs;
  }

  readonly unixMs = (): number => this.now;

  readonly pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      this.after(ms, resolve);
    });

  readonly every = (ms: number, work: () => void, firstMs = ms): (() => void) => {
    let isOver = false;
    const next = (): void => {
      if (isOver) return;
      work();
      this.after(ms, next);
    };
    this.after(firstMs, next);
    return () => {
      isOver = true;
    };
  };

  after(ms: number, work: () => void): void {
    this.orders += 1;
    this.push({ dueMs: this.now + Math.max(0, ms), order: this.orders, work });
  }

  /** Until a moment. What becomes due is done, with everything that follows from it at once. */
  async runUntil(unixMs: number): Promise<void> {
    for (let next = this.heap[0]; next !== undefined && next.dueMs <= unixMs; next = this.heap[0]) {
      this.pop();
      this.now = Math.max(this.now, next.dueMs);
      next.work();
      await promisesSettled();
    }
    this.now = Math.max(this.now, unixMs);
  }

  private push(waiting: Waiting): void {
    const { heap } = this;
    let at = heap.push(waiting) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(waiting, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = waiting;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = heap[left + 1];
      const below = right !== undefined && isBefore(right, heap[left] ?? right) ? left + 1 : left;
      const child = heap[below];
      if (child === undefined || !isBefore(child, last)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
  }
}

function isBefore(one: Waiting, other: Waiting): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order);
}

/** Node runs what was put off by `nextTick` when the queue of microtasks is empty: every promise that can settle has. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}
