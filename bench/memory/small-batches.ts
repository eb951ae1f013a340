import { setTimeout as sleep } from 'node:timers/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ServiceWindow } from '../../actors/service/index.ts';
import { spawnServicesActor, WindowBudget, type ServicesMessage } from '../../actors/services/index.ts';
import { startActorSystem } from '../../actors/system/index.ts';
import type { AnyBatch, ServiceBatch } from '../../proto/columns/index.ts';
import { createDecoder } from '../../workers/decode/index.ts';
import { TASKS, TASKS_THREAD_URL, ThreadPool, type ScanPart } from '../../workers/pool/index.ts';
import type { PayloadSource } from '../decode/payloads.ts';
import { median } from '../median.ts';

export interface SmallBatchesOrder {
  readonly module: WebAssembly.Module;
  readonly payload: PayloadSource;
  readonly services: number;
  readonly batchesPerService: number;
  readonly spansPerBatch: number;
}

interface Windows {
  readonly batches: number;
  /** As the windows are charged, dictionaries left out. */
  readonly bytesPerSpan: number;
  /** Processor time of all threads for the first question of all spans, which tells threads of each batch, and for later ones. */
  readonly firstQuestionMs: number;
  readonly questionMs: number;
}

export interface SmallBatchesFigures {
  readonly asTheyCame: Windows;
  readonly joined: Windows;
  /** Of the main thread, for all of it. */
  readonly joinUsPerSpan: number;
  readonly joinUsPerBatch: number;
  /** Longest that the event loop kept others waiting meanwhile; ms. */
  readonly loopDelayMsMax: number;
}

const QUESTIONS = 7;
const PAYLOADS = 50;
const EVER = { fromUnixNano: 0n, toUnixNano: 2n ** 63n - 1n };
/** Of the one segment in which all of it comes; that and two more have to be archived until its batches are joined. */
const SEGMENT = 1;
const ARCHIVED_THROUGH = 3;

/** What many small batches of many services take in the windows, and to be read there, as they came and joined. */
export async function measureSmallBatches(order: SmallBatchesOrder): Promise<SmallBatchesFigures> {
  const system = startActorSystem(({ error }) => {
    throw error;
  });
  const budget = new WindowBudget({ maxBytes: 64e9, maxAgeMs: 3_600_000 });
  const threads = new ThreadPool({ tasks: TASKS, threadUrl: TASKS_THREAD_URL, inlineRows: 0 });
  let told = (): void => undefined;
  const areJoined = new Promise<void>((resolve) => (told = resolve));
  const services = spawnServicesActor(system, {
    budget,
    onJoined: (segments) => {
      threads.release(segments);
      told();
    },
    now: Date.now,
  });
  const partsNow = async (): Promise<ScanPart[]> => {
    const windows = await system.ask<ServicesMessage, readonly ServiceWindow[]>(services, (reply) => ({
      ...{ type: 'snapshot', signal: 'traces', reply },
    }));
    return windows.flatMap(({ service, parts }) => parts.map((part) => ({ service, ...part })));
  };
  const measured = async (): Promise<Windows> => {
    const parts = await partsNow();
    const bytes = parts.reduce((sum, { batch }) => sum + budget.sizeOf(batch as AnyBatch), 0);
    const spans = parts.reduce((sum, { batch }) => sum + batch.rowCount, 0);
    const firstQuestionMs = await questionMs(threads, parts);
    const later: number[] = [];
    for (let i = 0; i < QUESTIONS; i += 1) later.push(await questionMs(threads, parts));
    return {
      batches: parts.length,
      bytesPerSpan: rounded(bytes / spans),
      firstQuestionMs: rounded(firstQuestionMs),
      questionMs: rounded(median(later)),
    };
  };

  try {
    fill(order, (batches) => {
      system.tell(services, { type: 'append', segment: SEGMENT, batches });
    });
    await system.idle();
    const some = (await partsNow()).slice(0, 100);
    // Threads are started, and what they run compiled, with batches that are not those of the windows.
    for (let i = 0; i < QUESTIONS; i += 1) {
      await questionMs(
        threads,
        some.map((part) => ({ ...part, batch: { ...part.batch } })),
      );
    }
    const asTheyCame = await measured();
    await sleep(200);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const cpu = process.cpuUsage();
    system.tell(services, { type: 'archived', through: ARCHIVED_THROUGH });
    await areJoined;
    const { user, system: kernel } = process.cpuUsage(cpu);
    await sleep(50);
    delay.disable();
    const joined = await measured();
    const spans = order.services * order.batchesPerService * order.spansPerBatch;
    return {
      asTheyCame,
      joined,
      joinUsPerSpan: rounded((user + kernel) / spans),
      joinUsPerBatch: rounded((user + kernel) / asTheyCame.batches),
      loopDelayMsMax: rounded(delay.max / 1e6),
    };
  } finally {
    await threads.close();
    system.stop();
  }
}

/** The same few requests again and again, by turns of all services. */
function fill(
  { module, payload, services, batchesPerService, spansPerBatch }: SmallBatchesOrder,
  append: (batches: readonly ServiceBatch[]) => void,
): void {
  const decoder = createDecoder({ module });
  const payloads = Array.from({ length: PAYLOADS }, () => Uint8Array.from(payload('traces', spansPerBatch)));
  for (let send = 0; send < services * batchesPerService; send += 1) {
    const decoded = decoder.decode('traces', payloads[send % PAYLOADS] ?? new Uint8Array(0));
    if ('undecodable' in decoded) throw new Error(decoded.reason);
    const name = `service-${send % services}`;
    append(decoded.batches.map(({ service, batch }) => ({ service: { ...service, name }, batch })));
  }
}

/** A question that reads all trace ids. */
async function questionMs(threads: ThreadPool<typeof TASKS>, parts: readonly ScanPart[]): Promise<number> {
  const cpu = process.cpuUsage();
  await threads.scan('sample-traces', parts, { range: EVER, most: 100 });
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 1_000;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
