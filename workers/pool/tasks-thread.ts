import { TASKS } from './tasks.ts';
import { createThread } from './thread.ts';

/** What a thread of the platform does; as a file by itself it is what `npm start` has threads load. */
export const thread = createThread(TASKS);
