import type { ServiceBatch } from '../../proto/columns/index.ts';

export interface ScannedPart extends ServiceBatch {
  /** Where the part stands among those that the caller gave. */
  readonly place: number;
}

/** What a task has besides its input. */
export interface TaskContext {
  /**
   * The batches it was asked to read, this thread's share of them: columns in shared memory, made when asked for, to
   * be read and not kept. Walking through them is a `checkpoint` each.
   */
  readonly batches: Iterable<ScannedPart>;
  /** Throws `TaskCancelled` once nobody waits for the answer any longer. For loops that take long beside `batches`. */
  readonly checkpoint: () => void;
}

/**
 * A pure function from `workers`. Input and output cross a thread border: plain data, typed arrays, maps, sets; no
 * functions, no classes. What cannot be computed is part of the output: an error that it throws is a bug.
 */
export type Task<Input, Output> = (input: Input, context: TaskContext) => Output;

/* oxlint-disable-next-line typescript/no-explicit-any -- a registry holds tasks of any input, and only its keys' own types are used. */
export type TaskRegistry = Readonly<Record<string, Task<any, unknown>>>;

export type TaskInput<T> = T extends Task<infer Input, unknown> ? Input : never;
export type TaskOutput<T> = T extends (...parameters: never[]) => infer Output ? Output : never;

/** Thrown by a checkpoint; the pool knows why. */
export class TaskCancelled extends Error {
  constructor() {
    super('nobody waits for the answer any longer');
    this.name = 'TaskCancelled';
  }
}
