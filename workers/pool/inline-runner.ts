import type { ScanPart } from './described-batches.ts';
import {
  TaskCancelled,
  type ScannedPart,
  type Task,
  type TaskContext,
  type TaskInput,
  type TaskOutput,
  type TaskRegistry,
} from './task.ts';
import type { RunOptions, TaskRunner } from './task-runner.ts';

/** Runs tasks at once, in the calling thread. For little work, and for tests. */
export class InlineRunner<Tasks extends TaskRegistry> implements TaskRunner<Tasks> {
  private readonly tasks: Tasks;

  constructor(tasks: Tasks) {
    this.tasks = tasks;
  }

  run<Name extends keyof Tasks & string>(
    name: Name,
    input: TaskInput<Tasks[Name]>,
    options: RunOptions = {},
  ): Promise<TaskOutput<Tasks[Name]>> {
    return this.call(name, [], input, options);
  }

  async scan<Name extends keyof Tasks & string>(
    name: Name,
    parts: readonly ScanPart[],
    input: TaskInput<Tasks[Name]>,
    options: RunOptions = {},
  ): Promise<TaskOutput<Tasks[Name]>[]> {
    return parts.length === 0 ? [] : [await this.call(name, parts, input, options)];
  }

  evict(): void {
    // It keeps nothing.
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async call<Name extends keyof Tasks & string>(
    name: Name,
    parts: readonly ScanPart[],
    input: TaskInput<Tasks[Name]>,
    { signal, deadlineMs }: RunOptions,
  ): Promise<TaskOutput<Tasks[Name]>> {
    // A signal cannot be aborted while this thread works, a deadline can pass.
    const until = deadlineMs === undefined ? Infinity : performance.now() + deadlineMs;
    const checkpoint = (): void => {
      signal?.throwIfAborted();
      if (performance.now() > until) throw new TaskCancelled();
    };
    const task: Task<TaskInput<Tasks[Name]>, unknown> | undefined = this.tasks[name];
    if (!task) throw new Error(`there is no task ${name}`);
    const context: TaskContext = { batches: walk(parts, checkpoint), checkpoint };
    checkpoint();
    return Promise.resolve(task(input, context) as TaskOutput<Tasks[Name]>);
  }
}

function* walk(parts: readonly ScanPart[], checkpoint: () => void): Generator<ScannedPart> {
  for (const [place, { service, batch }] of parts.entries()) {
    checkpoint();
    yield { place, service, batch };
  }
}
