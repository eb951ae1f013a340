export * from './code-matcher.ts';
export * from './row-predicates.ts';
export * from './trace-id-set.ts';
