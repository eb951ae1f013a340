// What Piscina loads. A thread does not inherit the loader of its parent: TypeScript has to be made loadable first.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { createThread } = await import('./thread.ts');
// Piscina wraps what it is given in a second list.
const { tasksUrl } = Array.isArray(workerData) ? workerData[1] : workerData;
const { TASKS } = await import(tasksUrl);

export default createThread(TASKS);
