import type { ScanPart } from './described-batches.ts';
import type { TaskInput, TaskOutput, TaskRegistry } from './task.ts';

export interface RunOptions {
  /** When it is aborted the call rejects with its reason, and the task is stopped. */
  readonly signal?: AbortSignal;
  /** From the call to the answer, waiting included. */
  readonly deadlineMs?: number;
  /** So little to do that asking a thread would take as long: the caller does it at once. Only for what surely ends soon. */
  readonly isLittle?: boolean;
  /** Of a scan: all of it on the thread that has this key, as long as that lives, so that it may keep something from one scan to the next. */
  readonly affinity?: string;
  /**
   * All of it on the thread that this name stands for, where a thread is asked: what comes again and again and takes one thread little of its
   * time would only warm up the others for nothing.
   */
  readonly lane?: string;
}

/** Where tasks are run: on threads (`ThreadPool`), or by the caller (`InlineRunner`), with the same answers. */
export interface TaskRunner<Tasks extends TaskRegistry> {
  /** Rejects with the signal's reason or a `PoolError`. */
  run<Name extends keyof Tasks & string>(
    name: Name,
    input: TaskInput<Tasks[Name]>,
    options?: RunOptions,
  ): Promise<TaskOutput<Tasks[Name]>>;
  /**
   * Runs a task over batches of the windows, each thread over its share: an answer from each, to be merged, in no
   * order; none when there are no parts. All metric points of a service are one thread's, so that series are whole.
   */
  scan<Name extends keyof Tasks & string>(
    name: Name,
    parts: readonly ScanPart[],
    input: TaskInput<Tasks[Name]>,
    options?: RunOptions,
  ): Promise<TaskOutput<Tasks[Name]>[]>;
  /** These segments have left the windows: their memory is let go within seconds. */
  evict(segments: ReadonlySet<number>): void;
  close(): Promise<void>;
}
