export type { ScanPart } from './described-batches.ts';
export { InlineRunner } from './inline-runner.ts';
export { PoolError } from './pool-error.ts';
export type { RunOptions, TaskRunner } from './task-runner.ts';
export { TASKS, TASKS_THREAD_URL, type Tasks } from './tasks.ts';
export { createThread } from './thread.ts';
export { ThreadPool, type TaskCounters } from './thread-pool.ts';
