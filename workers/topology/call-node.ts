import type { VirtualPeer } from './peer-reader.ts';

export interface CallNode {
  readonly id: string;
  readonly name: string;
  readonly type: 'service' | VirtualPeer['type'];
}
