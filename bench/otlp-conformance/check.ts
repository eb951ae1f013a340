import type { Lane } from './lanes.ts';
import type { Rig, RigOptions } from './rig.ts';
import type { Client } from './client.ts';

export interface CheckContext {
  readonly lane: Lane;
  readonly rig: Rig;
  /** A connection of its own. */
  readonly client: Client;
  /** Another one to the same receiver. */
  connect(): Client;
}

/** One thing that a row of the table of requirements asks for. */
export interface Check {
  /** Of the row: R… from the OTLP specification, D… from practice, T… from traps, S… what the server offers besides. */
  readonly id: string;
  readonly level: 'MUST' | 'SHOULD' | 'MAY' | 'rule' | 'practice';
  /** What the receiver does. */
  readonly title: string;
  readonly appliesTo: (lane: Lane) => boolean;
  readonly rig?: Partial<RigOptions>;
  /** Rejects with what is not as it should be. */
  readonly run: (context: CheckContext) => Promise<void>;
}

export const everyLane = (): boolean => true;
export const overGrpc = ({ door }: Lane): boolean => door === 'grpc';
export const overHttp = ({ door }: Lane): boolean => door !== 'grpc';
export const asJson = ({ encoding }: Lane): boolean => encoding === 'json';
export const asProtobuf = ({ encoding }: Lane): boolean => encoding === 'protobuf';
