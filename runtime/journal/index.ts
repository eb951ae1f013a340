export * from './file-journal.ts';
export * from './journal.ts';
export type { JournalDamage } from './recovery.ts';
