import { Piscina } from 'piscina';
import { NO_SHARE, type NumberedPart, type Share } from './described-batches.ts';
import { PoolError } from './pool-error.ts';
import type { ThreadReply, ThreadRequest } from './protocol.ts';
import { ToldWindow } from './window-news.ts';

/** One task for one thread, from being queued to being settled. */
export interface Job {
  readonly name: string;
  readonly input: unknown;
  readonly share: Share;
  /** Aborted when nobody waits any longer. */
  readonly signal: AbortSignal;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** On the clock of `performance.now`. */
  readonly queuedMs: number;
}

export interface LaneOptions {
  readonly threadUrl: string;
  readonly idleMs: number;
  /** How long a task may go on after it was asked to stop, until its thread is ended. */
  readonly graceMs: number;
  /** Of one thread's JavaScript objects; columns are not among them. */
  readonly maxHeapMb: number;
  /** A task was done with, however it ended. */
  readonly onTimed: (name: string, waitedMs: number, ranMs: number) => void;
  /** A thread was ended because its task did not stop, or died of it. */
  readonly onThreadLost: () => void;
}

/** Batches of one message: describing so many takes a few milliseconds. */
const BATCHES_A_MESSAGE = 1_000;
const EVICTION_DELAY_MS = 1_000;
/** Evicted segments that a snapshot taken before may still name. */
const REMEMBERED_SEGMENTS = 1_024;

/**
 * One thread, started when first needed and ended when idle for long. It keeps a mirror of its share of the windows:
 * each batch is described to it once, before the first task that reads it. Tasks run one at a time, in order.
 */
export class Lane {
  private readonly options: LaneOptions;
  private readonly thread: Piscina<ThreadRequest, ThreadReply>;
  private readonly queue: Job[] = [];
  private readonly evicted = new Set<number>();
  private told = new ToldWindow();
  private epoch = 0;
  private isFirst = true;
  private isBusy = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: LaneOptions) {
    this.options = options;
    this.thread = new Piscina({
      filename: new URL('thread.mjs', import.meta.url).href,
      workerData: { threadUrl: options.threadUrl },
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: options.idleMs,
      // Asynchronous: a thread that waits in `Atomics.wait` does not see that it shall end.
      atomics: 'async',
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: options.maxHeapMb },
    });
  }

  /** Tasks that wait or run. */
  get load(): number {
    return this.queue.length + Number(this.isBusy);
  }

  get waiting(): number {
    return this.queue.length;
  }

  get threads(): number {
    return this.thread.threads.length;
  }

  enqueue(job: Job): void {
    this.queue.push(job);
    void this.pump();
  }

  /** The thread lets go of these batches soon, or with the next task. */
  evict(segments: ReadonlySet<number>): void {
    for (const segment of segments) {
      this.evicted.add(segment);
      this.told.evict(segment);
    }
    for (const segment of this.evicted) {
      if (this.evicted.size <= REMEMBERED_SEGMENTS) break;
      this.evicted.delete(segment);
    }
    this.scheduleEviction();
  }

  /** As `evict`, of segments that stay, in other batches. */
  release(segments: ReadonlySet<number>): void {
    for (const segment of segments) this.told.evict(segment);
    this.scheduleEviction();
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.thread.destroy();
  }

  private async pump(): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    for (let job = this.queue.shift(); job; job = this.queue.shift()) {
      const startMs = performance.now();
      if (!job.signal.aborted) await this.work(job);
      this.options.onTimed(job.name, startMs - job.queuedMs, performance.now() - startMs);
    }
    this.isBusy = false;
    this.scheduleEviction();
  }

  private async work(job: Job): Promise<void> {
    try {
      if (this.threads === 0) this.forgetThread();
      // Once more with everything told, when the thread turns out to be another one.
      const reply = (await this.attempt(job)) ?? (await this.attempt(job));
      if (reply === undefined) throw new Error('a thread that was told everything lacks a batch');
      if (reply.type === 'answer') job.resolve(reply.output);
      else if (reply.type === 'failed') fail(job, reply.error);
    } catch (error) {
      // Not of the task's own: the thread is gone.
      this.forgetThread();
      this.options.onThreadLost();
      fail(job, error);
    } finally {
      this.evictAgain(job.share);
    }
  }

  /** What the thread was told of segments that were evicted in the meantime. */
  private evictAgain({ parts, places }: Share): void {
    if (this.evicted.size === 0) return;
    for (const place of places) {
      const segment = parts[place]?.segment ?? -1;
      if (this.evicted.has(segment)) this.told.evict(segment);
    }
  }

  private untoldOf({ parts, places, ids }: Share): NumberedPart[] {
    const untold: NumberedPart[] = [];
    for (let index = 0; index < ids.length; index += 1) {
      const id = ids[index] ?? 0;
      if (this.told.isTold(id)) continue;
      const part = parts[places[index] ?? 0];
      if (part) untold.push({ id, segment: part.segment, service: part.service, batch: part.batch });
    }
    return untold;
  }

  /** `undefined`: the thread lacks what it was believed to know. */
  private async attempt(
    job: Job,
  ): Promise<Exclude<ThreadReply, { readonly type: 'stale' | 'told' }> | undefined> {
    if (!(await this.tell(job))) return undefined;
    if (job.signal.aborted) return { type: 'cancelled' };
    const cancelled = new Int32Array(new SharedArrayBuffer(4));
    const { name, input } = job;
    const { ids, places } = job.share;
    const reply = await this.ask(
      { type: 'run', epoch: this.epoch, name, input, ids, places, cancelled },
      job.signal,
      cancelled,
    );
    if (reply.type === 'stale') this.forgetThread();
    return reply.type === 'stale' || reply.type === 'told' ? undefined : reply;
  }

  /** False: the thread is not the one that was told the rest. */
  private async tell(job: Pick<Job, 'share' | 'signal'>): Promise<boolean> {
    const untold = this.untoldOf(job.share);
    for (
      let from = 0;
      from < untold.length || (from === 0 && this.told.hasEvictions);
      from += BATCHES_A_MESSAGE
    ) {
      if (job.signal.aborted) return true;
      const news = this.told.take(untold.slice(from, from + BATCHES_A_MESSAGE));
      const { epoch, isFirst } = this;
      this.isFirst = false;
      const reply = await this.thread.run({ type: 'tell', epoch, isFirst, news });
      if (reply.type !== 'told') {
        this.forgetThread();
        return false;
      }
      this.told.forget(reply.forgottenGenerations);
    }
    return true;
  }

  private async ask(
    request: ThreadRequest,
    signal: AbortSignal,
    cancelled: Int32Array,
  ): Promise<ThreadReply> {
    const kill = new AbortController();
    let grace: NodeJS.Timeout | undefined;
    const stop = (): void => {
      Atomics.store(cancelled, 0, 1);
      grace = setTimeout(() => {
        kill.abort();
      }, this.options.graceMs);
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await this.thread.run(request, { signal: kill.signal });
    } finally {
      signal.removeEventListener('abort', stop);
      clearTimeout(grace);
    }
  }

  private forgetThread(): void {
    this.epoch += 1;
    this.isFirst = true;
    this.told = new ToldWindow();
  }

  private scheduleEviction(): void {
    if (this.timer || this.isBusy || !this.told.hasEvictions) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.tellEvictions();
    }, EVICTION_DELAY_MS);
    this.timer.unref();
  }

  private async tellEvictions(): Promise<void> {
    // A task that runs takes the evictions with it; a thread that has ended holds nothing.
    if (this.isBusy) return;
    if (this.threads === 0) {
      this.forgetThread();
      return;
    }
    this.isBusy = true;
    await this.tell({ share: NO_SHARE, signal: new AbortController().signal }).catch(() => {
      this.forgetThread();
    });
    this.isBusy = false;
    void this.pump();
  }
}

function fail({ name, reject }: Job, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  reject(new PoolError('INTERNAL', `the task ${name} failed: ${message}`, error));
}
