/** What advice is made of that takes days to learn. */
export const ADVICE_DOCUMENTS = ['usage', 'series', 'queries'] as const;
export type AdviceDocument = (typeof ADVICE_DOCUMENTS)[number];

/** Where it is kept over restarts: documents by name, each plain JSON, a few MB at most. */
export interface AdviceStore {
  /** `undefined` on a new installation. Rejects with `StorageUnavailableError`. */
  read(name: AdviceDocument): Promise<unknown>;
  /** In the place of what was kept before. Rejects with `StorageUnavailableError`. */
  write(name: AdviceDocument, value: unknown): Promise<void>;
}
