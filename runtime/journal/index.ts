export { openFileJournal } from './open-file-journal.ts';
export type { FileJournalOptions } from './file-journal-options.ts';
export * from './journal.ts';
export { openMemoryJournal } from './memory-journal.ts';
export type { JournalDamage } from './recovery.ts';
