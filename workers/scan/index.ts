export * from './code-matcher.ts';
export * from './row-predicates.ts';
