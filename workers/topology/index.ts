export * from './call-graph.ts';
export type { VirtualPeer } from './peer-reader.ts';
