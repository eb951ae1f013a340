export * from './filters.ts';
export * from './search.ts';
export * from './aggregate.ts';
export * from './value-counts.ts';
export * from './catalogue.ts';
