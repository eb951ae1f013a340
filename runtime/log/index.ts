export { createLog, type Logger } from './create-log.ts';
export { SlowProgress } from './slow-progress.ts';
