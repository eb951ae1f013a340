import { pino, type Logger } from 'pino';
import { LogLines } from './log-lines.ts';

export type { Logger };

const STANDARD_ERROR = 2;
const lines = new LogLines(STANDARD_ERROR);
process.once('exit', () => {
  lines.flush();
});

/** JSON lines on standard error: standard output is for what people read at the start. */
export function createLog(level: string): Logger {
  return pino({ level, base: { service: 'ophion' } }, lines);
}
