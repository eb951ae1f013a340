import { pino, type Logger } from 'pino';

export type { Logger };

/** JSON lines on standard error: standard output is for what people read at the start. */
export function createLog(level: string): Logger {
  return pino({ level, base: { service: 'ophion' } }, pino.destination({ fd: 2, sync: false }));
}
