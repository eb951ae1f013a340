import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ThreadReply, ThreadRequest } from './protocol.ts';
import { TaskCancelled, type TaskRegistry } from './task.ts';
import { WindowMirror } from './window-mirror.ts';

/** V8 does not count shared buffers as a reason to collect: what evicted batches held has to be asked back. */
const COLLECT_AFTER_BYTES = 32 * 2 ** 20;

/** The far side of a lane: one request at a time, answered at once. */
export function createThread(tasks: TaskRegistry): (request: ThreadRequest) => ThreadReply {
  let epoch: number | undefined;
  let mirror = new WindowMirror();
  let releasedBytes = 0;

  function tell({ epoch: told, isFirst, news }: Extract<ThreadRequest, { type: 'tell' }>): ThreadReply {
    if (isFirst) {
      mirror = new WindowMirror();
      epoch = told;
    }
    if (epoch !== told) return { type: 'stale' };
    const released = mirror.apply(news);
    releasedBytes += released.releasedBytes;
    if (releasedBytes > COLLECT_AFTER_BYTES) {
      releasedBytes = 0;
      collectGarbage();
    }
    return { type: 'told', forgottenGenerations: released.forgottenGenerations };
  }

  function run(request: Extract<ThreadRequest, { type: 'run' }>): ThreadReply {
    const { name, input, ids, places, cancelled } = request;
    if (ids.length > 0 && (epoch !== request.epoch || !mirror.has(ids))) return { type: 'stale' };
    const task = tasks[name];
    if (!task) throw new Error(`there is no task ${name}`);
    const checkpoint = (): void => {
      if (Atomics.load(cancelled, 0) !== 0) throw new TaskCancelled();
    };
    try {
      return {
        type: 'answer',
        output: task(input, { batches: mirror.read(ids, places, checkpoint), checkpoint }),
      };
    } catch (error) {
      return error instanceof TaskCancelled ? { type: 'cancelled' } : { type: 'failed', error };
    }
  }

  return (request) => (request.type === 'tell' ? tell(request) : run(request));
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
}
