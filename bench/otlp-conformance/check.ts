import type { RefusalReason } from '../../runtime/ingest/index.ts';
import type { Client } from './client.ts';
import type { GrpcClient } from './grpc-client.ts';
import type { HttpClient } from './http-client.ts';
import type { Lane, LaneKind } from './lanes.ts';
import type { Rig, RigOptions } from './rig.ts';

export interface CheckContext {
  readonly lane: Lane;
  readonly rig: Rig;
  /** A connection of its own. */
  readonly client: Client;
  /** The same one, as what it is; throws in lanes where it is not. */
  readonly http: HttpClient;
  readonly grpc: GrpcClient;
  /** Another one to the same receiver. */
  readonly connect: () => Client;
}

/** One thing that a row of the table of requirements asks for. */
export interface Check {
  /** Of the row: R… from the OTLP specification, D… from practice, T… from traps, S… what the server offers besides. */
  readonly id: string;
  readonly level: 'MUST' | 'SHOULD' | 'MAY' | 'rule' | 'practice';
  /** What the receiver does. */
  readonly title: string;
  readonly appliesTo: (lane: LaneKind) => boolean;
  readonly rig?: Partial<RigOptions>;
  /** Rejects with what is not as it should be. */
  readonly run: (context: CheckContext) => Promise<void>;
}

export function defineCheck(check: Check): Check {
  return check;
}

export const everyLane = (): boolean => true;
export const overGrpc = ({ door }: LaneKind): boolean => door === 'grpc';
export const overHttp = ({ door }: LaneKind): boolean => door !== 'grpc';
export const asJson = ({ encoding }: LaneKind): boolean => encoding === 'json';
export const asProtobuf = ({ encoding }: LaneKind): boolean => encoding === 'protobuf';

/** Why the ingest may not take anything just now. */
export const REFUSALS: readonly RefusalReason[] = [
  'window-full',
  'in-flight-full',
  'journal-full',
  'journal-unavailable',
];
