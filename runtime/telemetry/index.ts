export * from './report-own-metrics.ts';
