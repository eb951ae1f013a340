export * from './call-graph.ts';
export type { CallNode } from './call-node.ts';
export { peerReader } from './peer-reader.ts';
export type { CallsOfEdge, TakenCalls } from './unnamed-calls.ts';
