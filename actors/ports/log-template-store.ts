import type { PatternMinerState } from '../../workers/kernels/log-patterns/index.ts';

/** Where the templates of log lines are kept over restarts: one document, plain JSON, a few MB at most. */
export interface LogTemplateStore {
  /** Undefined on a new installation. Rejects with `StorageUnavailableError`. */
  read(): Promise<PatternMinerState | undefined>;
  /** In the place of what was kept before. Rejects with `StorageUnavailableError`. */
  write(state: PatternMinerState): Promise<void>;
}
