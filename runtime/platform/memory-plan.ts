import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Config } from '../config/index.ts';
import type { Logger } from '../log/index.ts';

export interface MemoryPlan {
  /** Resident memory of this process. */
  readonly maxBytes: number;
  /** Of it, what all windows together may take. */
  readonly windowMaxBytes: number;
}

/** What the process needs beside the windows: 250 MB at rest, requests on their way, a segment being archived. */
const BESIDE_WINDOWS_BYTES = 512 * 2 ** 20;

/** Windows that leave too little of the memory are made smaller. */
export function memoryPlan(
  { windowMaxBytes, memoryMaxBytes }: Pick<Config, 'windowMaxBytes' | 'memoryMaxBytes'>,
  log: Pick<Logger, 'warn'>,
): MemoryPlan {
  const maxBytes = memoryMaxBytes ?? windowMaxBytes + BESIDE_WINDOWS_BYTES;
  const fitting = Math.max(maxBytes - BESIDE_WINDOWS_BYTES, Math.floor(maxBytes / 8));
  if (fitting >= windowMaxBytes) return { maxBytes, windowMaxBytes };
  log.warn(
    { windowBytes: fitting, memoryBytes: maxBytes },
    'OPHION_MEMORY_MAX_BYTES leaves less for the windows than OPHION_WINDOW_MAX_BYTES: they get what is left',
  );
  return { maxBytes, windowMaxBytes: fitting };
}

let collect: (() => void) | undefined;

/**
 * V8 does not count shared buffers as a reason to collect: 4 GB of them, made and dropped one by one, reach 970 MB of
 * resident memory where plain ones reach 110. Under pressure it has to be told.
 */
export function releaseGarbage(): void {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}
