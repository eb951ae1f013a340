export * from './call-graph.ts';
export { peerReader, type VirtualPeer } from './peer-reader.ts';
