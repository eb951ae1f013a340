import { availableParallelism } from 'node:os';
import type { Batch, ServiceKey } from '../../proto/columns/index.ts';
import { NO_SHARE, type ScanPart, type Share } from './described-batches.ts';
import { InlineRunner } from './inline-runner.ts';
import { Lane } from './lane.ts';
import { PoolError } from './pool-error.ts';
import { TaskCancelled, type TaskInput, type TaskOutput, type TaskRegistry } from './task.ts';
import type { RunOptions, TaskRunner } from './task-runner.ts';

export interface ThreadPoolOptions<Tasks extends TaskRegistry> {
  /** For little work, which the caller does. */
  readonly tasks: Tasks;
  /** The module that threads load: it exports `createThread` of the same tasks as `thread`. */
  readonly threadUrl: string;
  /** Default: a thread a core, eight at most. */
  readonly threads?: number;
  /** Tasks that may wait for one thread; further ones are refused (`OVERLOADED`). Default 32. */
  readonly maxWaiting?: number;
  /** For tasks without one of their own. Default 30 s. */
  readonly deadlineMs?: number;
  /** After which a thread ends. Default two minutes. */
  readonly idleMs?: number;
  /** Default 300 ms. */
  readonly graceMs?: number;
  /** Default 1024. */
  readonly maxHeapMb?: number;
  /** Scans of at most so many rows are done at once by the caller: asking a thread would take as long. Default 10,000. */
  readonly inlineRows?: number;
}

/** Tasks since the start, by how they ended. */
export interface TaskCounters {
  completed: number;
  failed: number;
  refused: number;
  /** By the caller's signal or a deadline. */
  cancelled: number;
  /** What they waited for a thread, and took on it; a scan's shares one by one. */
  waitedMs: number;
  ranMs: number;
}

/** All tasks together, and threads that were lost with them. */
export interface PoolCounters extends TaskCounters {
  threadsLost: number;
}

const MOST_THREADS = 8;
/** Parts that are sorted out at a time, so that the event loop has its turns. */
const PARTS_A_TURN = 10_000;

/** The one door to threads. They are started by the first task and end when idle. */
export class ThreadPool<Tasks extends TaskRegistry> implements TaskRunner<Tasks> {
  private readonly byTask = new Map<string, TaskCounters>();
  private threadsLost = 0;
  private readonly lanes: readonly Lane[];
  private readonly inline: InlineRunner<Tasks>;
  private readonly maxWaiting: number;
  private readonly deadlineMs: number;
  private readonly inlineRows: number;
  private readonly closing = new AbortController();
  /** Weak: a batch is forgotten with its window. */
  private readonly numbers = new WeakMap<Batch, number>();
  private readonly lanesOfServices = new WeakMap<ServiceKey, number>();
  private batches = 0;

  constructor(options: ThreadPoolOptions<Tasks>) {
    const { threads = Math.min(MOST_THREADS, availableParallelism()) } = options;
    this.lanes = Array.from(
      { length: threads },
      () =>
        new Lane({
          threadUrl: options.threadUrl,
          idleMs: options.idleMs ?? 120_000,
          graceMs: options.graceMs ?? 300,
          maxHeapMb: options.maxHeapMb ?? 1_024,
          onTimed: (name, waitedMs, ranMs) => {
            const counters = this.countersOf(name);
            counters.waitedMs += waitedMs;
            counters.ranMs += ranMs;
          },
          onThreadLost: () => {
            this.threadsLost += 1;
          },
        }),
    );
    this.inline = new InlineRunner(options.tasks);
    this.maxWaiting = options.maxWaiting ?? 32;
    this.deadlineMs = options.deadlineMs ?? 30_000;
    this.inlineRows = options.inlineRows ?? 10_000;
  }

  get threads(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.threads, 0);
  }

  get counters(): PoolCounters {
    const all = { ...noTasks(), threadsLost: this.threadsLost };
    for (const counters of this.byTask.values()) {
      for (const key of COUNTED) all[key] += counters[key];
    }
    return all;
  }

  /** By the tasks' names. */
  get tasks(): ReadonlyMap<string, Readonly<TaskCounters>> {
    return this.byTask;
  }

  get waiting(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.waiting, 0);
  }

  get running(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.load - lane.waiting, 0);
  }

  async run<Name extends keyof Tasks & string>(
    name: Name,
    input: TaskInput<Tasks[Name]>,
    options: RunOptions = {},
  ): Promise<TaskOutput<Tasks[Name]>> {
    if (options.isLittle === true) {
      return this.watched(name, options, (signal) => this.inline.run(name, input, { ...options, signal }));
    }
    const lane = this.laneFor(options.lane);
    return this.watched(name, options, (signal) =>
      this.ask<TaskOutput<Tasks[Name]>>(lane, name, input, NO_SHARE, signal),
    );
  }

  async scan<Name extends keyof Tasks & string>(
    name: Name,
    parts: readonly ScanPart[],
    input: TaskInput<Tasks[Name]>,
    options: RunOptions = {},
  ): Promise<TaskOutput<Tasks[Name]>[]> {
    return this.watched(name, options, async (signal) => {
      if (parts.length === 0) return [];
      if (options.affinity === undefined && rowsOf(parts) <= this.inlineRows) {
        return this.inline.scan(name, parts, input, { ...options, signal });
      }
      const shares = await this.share(parts, options.affinity ?? options.lane);
      signal.throwIfAborted();
      const busy = this.lanes.filter((_lane, index) => (shares[index]?.ids.length ?? 0) > 0);
      if (busy.some((lane) => lane.load > this.maxWaiting)) throw overloaded();
      return Promise.all(
        this.lanes.flatMap((lane, index) => {
          const share = shares[index] ?? NO_SHARE;
          if (share.ids.length === 0) return [];
          return [this.ask<TaskOutput<Tasks[Name]>>(lane, name, input, share, signal)];
        }),
      );
    });
  }

  evict(segments: ReadonlySet<number>): void {
    for (const lane of this.lanes) lane.evict(segments);
  }

  /** Threads let go of what they know of these segments, which may still be asked for: then they are told again. */
  release(segments: ReadonlySet<number>): void {
    for (const lane of this.lanes) lane.release(segments);
  }

  async close(): Promise<void> {
    this.closing.abort(new PoolError('NOT_READY', 'the threads are being stopped'));
    await Promise.all(this.lanes.map((lane) => lane.close()));
  }

  private ask<Output>(
    lane: Lane,
    name: string,
    input: unknown,
    share: Share,
    signal: AbortSignal,
  ): Promise<Output> {
    return new Promise<Output>((resolve, reject) => {
      if (lane.load > this.maxWaiting) {
        reject(overloaded());
        return;
      }
      signal.addEventListener(
        'abort',
        () => {
          reject(signal.reason as Error);
        },
        { once: true },
      );
      lane.enqueue({
        name,
        input,
        share,
        signal,
        resolve: resolve as (output: unknown) => void,
        reject,
        queuedMs: performance.now(),
      });
    });
  }

  /** Ends the work when the caller, the deadline or the pool's end says so, or when one share of it fails. */
  private async watched<Answer>(
    name: string,
    options: RunOptions,
    work: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    const counters = this.countersOf(name);
    const deadlineMs = options.deadlineMs ?? this.deadlineMs;
    const own = new AbortController();
    const sources = [this.closing.signal, ...(options.signal ? [options.signal] : [])];
    const pass = (): void => {
      own.abort(sources.find(({ aborted }) => aborted)?.reason);
    };
    const tooLate = (): PoolError =>
      new PoolError('DEADLINE_EXCEEDED', `the threads had no answer within ${deadlineMs} ms`);
    const timer = setTimeout(() => {
      own.abort(tooLate());
    }, deadlineMs);
    try {
      for (const source of sources) source.addEventListener('abort', pass, { once: true });
      if (sources.some(({ aborted }) => aborted)) pass();
      own.signal.throwIfAborted();
      const answer = await work(own.signal);
      counters.completed += 1;
      return answer;
    } catch (error) {
      if (error instanceof PoolError && error.code === 'OVERLOADED') counters.refused += 1;
      else if (own.signal.aborted || error instanceof TaskCancelled) counters.cancelled += 1;
      else counters.failed += 1;
      own.abort(error);
      throw error instanceof TaskCancelled ? tooLate() : error;
    } finally {
      clearTimeout(timer);
      for (const source of sources) source.removeEventListener('abort', pass);
    }
  }

  /** Who reads what. A batch is always the same thread's: it alone has been told of it. */
  private async share(parts: readonly ScanPart[], laneName: string | undefined): Promise<readonly Share[]> {
    const lanes = this.lanes.length;
    const only = laneName === undefined ? undefined : hashOf(laneName) % lanes;
    const ids = new Uint32Array(parts.length);
    const laneOf = new Uint16Array(parts.length);
    const sizes = new Uint32Array(lanes);
    for (let from = 0; from < parts.length; from += PARTS_A_TURN) {
      if (from > 0) await new Promise((resolve) => setImmediate(resolve));
      const to = Math.min(from + PARTS_A_TURN, parts.length);
      for (let place = from; place < to; place += 1) {
        const part = parts[place];
        if (!part) continue;
        const id = this.numberOf(part.batch);
        const lane = only ?? (part.batch.signal === 'metrics' ? this.laneOf(part.service) : id) % lanes;
        ids[place] = id;
        laneOf[place] = lane;
        sizes[lane] = (sizes[lane] ?? 0) + 1;
      }
    }
    return this.lanes.map((_, lane) => shareOf(parts, ids, laneOf, lane, sizes[lane] ?? 0));
  }

  private numberOf(batch: Batch): number {
    let id = this.numbers.get(batch);
    if (id === undefined) {
      id = this.batches = (this.batches + 1) % 2 ** 32;
      this.numbers.set(batch, id);
    }
    return id;
  }

  private countersOf(name: string): TaskCounters {
    let counters = this.byTask.get(name);
    if (!counters) {
      counters = noTasks();
      this.byTask.set(name, counters);
    }
    return counters;
  }

  /** The one of a name, else the least busy. */
  private laneFor(name: string | undefined): Lane {
    const least = this.lanes.reduce((best, each) => (each.load < best.load ? each : best));
    return (name === undefined ? undefined : this.lanes[hashOf(name) % this.lanes.length]) ?? least;
  }

  private laneOf(service: ServiceKey): number {
    let hash = this.lanesOfServices.get(service);
    if (hash === undefined) {
      hash = hashOf(`${service.environment} ${service.namespace} ${service.name}`);
      this.lanesOfServices.set(service, hash);
    }
    return hash;
  }
}

function hashOf(text: string): number {
  let hash = 0;
  for (const char of text) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) >>> 0;
  return hash;
}

const COUNTED = ['completed', 'failed', 'refused', 'cancelled', 'waitedMs', 'ranMs'] as const;

function noTasks(): TaskCounters {
  return { completed: 0, failed: 0, refused: 0, cancelled: 0, waitedMs: 0, ranMs: 0 };
}

function overloaded(): PoolError {
  return new PoolError('OVERLOADED', 'too many tasks wait for a thread');
}

function shareOf(
  parts: readonly ScanPart[],
  idsOfAll: Uint32Array,
  laneOf: Uint16Array,
  lane: number,
  size: number,
): Share {
  const places = new Uint32Array(size);
  const ids = new Uint32Array(size);
  let at = 0;
  for (let place = 0; at < size; place += 1) {
    if (laneOf[place] !== lane) continue;
    places[at] = place;
    ids[at] = idsOfAll[place] ?? 0;
    at += 1;
  }
  return { parts, places, ids };
}

function rowsOf(parts: readonly ScanPart[]): number {
  let rows = 0;
  for (const { batch } of parts) rows += batch.rowCount;
  return rows;
}
