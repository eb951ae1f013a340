export * from './call-graph.ts';
