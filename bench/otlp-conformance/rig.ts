import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Batch, ServiceBatch, Signal } from '../../proto/columns/index.ts';
import {
  createIngest,
  Ledger,
  type IngestOutcome,
  type RefusalReason,
  type RequestJournal,
} from '../../runtime/ingest/index.ts';
import { openFileJournal, type Journal } from '../../runtime/journal/index.ts';
import {
  createOtlpReceiver,
  listenOtlpGrpc,
  listenOtlpHttp,
  type OtlpGrpcServer,
  type OtlpReceiver,
  type OtlpReceiverOptions,
} from '../../runtime/receivers/otlp/index.ts';
import {
  dictionaryReader,
  logAt,
  metricPointAt,
  spanAt,
  type Metric,
  type OtlpLogRecord,
  type OtlpPoint,
  type OtlpSpan,
} from '../../workers/columns/index.ts';
import { createDecoder } from '../../workers/decode/index.ts';
import type { Lane } from './lanes.ts';

export interface RigOptions extends Pick<
  OtlpReceiverOptions,
  'maxRequestBytes' | 'maxInFlightBytes' | 'authorize'
> {
  readonly corsOrigins: readonly string[];
  readonly maxConnectionAgeMs: number;
}

const DEFAULTS: RigOptions = {
  maxRequestBytes: 200_000,
  maxInFlightBytes: 4_000_000,
  corsOrigins: ['https://shop.example'],
  maxConnectionAgeMs: 0,
};

/** A receiver as the platform builds it: real sockets, the real decoder, a journal on disk. Only the windows are not. */
export interface Rig {
  readonly port: number;
  readonly receiver: OtlpReceiver;
  readonly grpc: OtlpGrpcServer | undefined;
  readonly options: RigOptions;
  /** Bugs that were reported. */
  readonly errors: readonly unknown[];
  readonly delivered: () => number;
  readonly journalRecords: () => number;
  readonly requests: () => number;
  spans(): OtlpSpan[];
  logs(): OtlpLogRecord[];
  points(): OtlpPoint[];
  /** The metric of each point. */
  metrics(): Metric[];
  batches<S extends Signal>(signal: S): readonly ServiceBatch<S>[];
  /** From now on: refuse for this reason, or take everything again. */
  refuse(reason: RefusalReason | undefined): void;
  /** From now on: fail as only a bug does. */
  break(): void;
  /** From now on: this outcome, whatever is sent. */
  answerWith(outcome: IngestOutcome): void;
  /** Ends `break` and `answerWith`. */
  repair(): void;
  /** From now on nothing becomes durable, until the returned function is called. */
  holdJournal(): () => void;
  stop(): Promise<void>;
}

export async function startRig(lane: Lane, changes: Partial<RigOptions> = {}): Promise<Rig> {
  const options = { ...DEFAULTS, ...changes };
  const directory = await mkdtemp(join(tmpdir(), 'ophion-conformance-'));
  const journal = await openFileJournal({ directory });
  const held = new HeldJournal(journal);
  const batches: ServiceBatch[] = [];
  const errors: unknown[] = [];
  let gate: RefusalReason | undefined;
  let isBroken = false;
  let outcome: IngestOutcome | undefined;
  const ingest = createIngest({
    ledger: new Ledger(Date.now()),
    decoder: createDecoder(),
    journal: held.journal,
    deliver: (_segment, delivered) => batches.push(...delivered),
    gate: () => gate,
    now: Date.now,
  });
  const receiver = createOtlpReceiver({
    ...options,
    ingest: {
      accept(signal, body, encoding) {
        if (isBroken) return Promise.reject(new Error('secret detail of a bug'));
        return outcome ? Promise.resolve(outcome) : ingest.accept(signal, body, encoding);
      },
    },
    onError: (error) => errors.push(error),
  });
  const { server, grpc } = await listen(lane, receiver, options);
  const of = <S extends Signal>(signal: S): ServiceBatch<S>[] =>
    batches.filter((batch): batch is ServiceBatch<S> => batch.batch.signal === signal);
  const rows = <S extends Signal, Row>(signal: S, rowAt: (batch: Batch<S>, row: number) => Row): Row[] =>
    of(signal).flatMap(({ batch }) => Array.from({ length: batch.rowCount }, (_, row) => rowAt(batch, row)));
  return {
    port: server.port,
    receiver,
    grpc,
    options,
    errors,
    delivered: () => batches.reduce((sum, { batch }) => sum + batch.rowCount, 0),
    journalRecords: () => journal.statistics().appendedRecords,
    requests: () => Object.values(ingest.counters).reduce((sum, { requests }) => sum + requests, 0),
    spans: () => rows('traces', spanAt),
    logs: () => rows('logs', logAt),
    points: () => rows('metrics', metricPointAt),
    metrics: () =>
      rows('metrics', ({ columns, dictionary }, row) =>
        dictionaryReader(dictionary).metric(columns.metric[row] ?? 0),
      ),
    batches: of,
    refuse(reason) {
      gate = reason;
    },
    break() {
      isBroken = true;
    },
    answerWith(always) {
      outcome = always;
    },
    repair() {
      isBroken = false;
      outcome = undefined;
    },
    holdJournal: () => held.hold(),
    async stop() {
      held.release();
      await server.close();
      await journal.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function listen(
  lane: Lane,
  receiver: OtlpReceiver,
  { corsOrigins, maxConnectionAgeMs }: RigOptions,
): Promise<{
  readonly server: { readonly port: number; close(): Promise<void> };
  readonly grpc: OtlpGrpcServer | undefined;
}> {
  const at = { host: '127.0.0.1', port: 0, receiver };
  if (lane.door === 'grpc') {
    const grpc = await listenOtlpGrpc({ ...at, maxConnectionAgeMs });
    return { server: grpc, grpc };
  }
  const cors = { origins: corsOrigins, headers: ['x-team'] };
  return { server: await listenOtlpHttp(lane.listen, { ...at, cors }), grpc: undefined };
}

/** A journal whose disk can be made to wait. */
class HeldJournal {
  readonly journal: RequestJournal;
  /** Ends the latest `hold`. */
  release: () => void = () => undefined;
  private released: Promise<void> = Promise.resolve();

  constructor(inner: Journal) {
    this.journal = {
      append: async (record, deliver) => {
        await this.released;
        return inner.append(record, deliver);
      },
    };
  }

  hold(): () => void {
    this.released = new Promise((resolve) => {
      this.release = resolve;
    });
    return () => {
      this.release();
    };
  }
}
