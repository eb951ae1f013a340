// What Piscina loads. A thread does not inherit the loader of its parent: TypeScript has to be made loadable first.
import { workerData } from 'node:worker_threads';

// Piscina wraps what it is given in a second list.
const { threadUrl } = Array.isArray(workerData) ? workerData[1] : workerData;
if (threadUrl.endsWith('.ts')) {
  const { register } = await import('tsx/esm/api');
  register();
}
const { thread } = await import(threadUrl);

export default thread;
