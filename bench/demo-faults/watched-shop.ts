import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  spawnInsightsActor,
  type InsightsMessage,
  type InsightsStatus,
} from '../../actors/insights/index.ts';
import type { InsightStore, Verdicts } from '../../actors/ports/index.ts';
import { spawnServicesActor, WindowBudget } from '../../actors/services/index.ts';
import { startActorSystem } from '../../actors/system/index.ts';
import { spawnTopologyActor } from '../../actors/topology/index.ts';
import type { InsightJson } from '../../proto/api/index.ts';
import { createDecoder } from '../../workers/decode/index.ts';
import { TASKS, TASKS_THREAD_URL, ThreadPool } from '../../workers/pool/index.ts';
import type { FaultName } from '../demo/faults.ts';
import { Shop } from '../demo/shop.ts';
import { runTraffic } from '../demo/traffic.ts';
import { VirtualClock } from './virtual-clock.ts';
import { virtualWorld, type Deployment } from './virtual-telemetry.ts';

export interface WatchedShopOptions {
  readonly seed: number;
  readonly startUnixMs: number;
  readonly requestsPerSecond: number;
}

/** An insight as it was first shown, and as it was last. */
export interface ShownInsight {
  readonly first: InsightJson;
  /** As it was when it first named a cause. */
  readonly named: InsightJson | undefined;
  readonly latest: InsightJson;
}

const STEP_MS = 1_000;
const TICK_MS = 2_000;
const ROTATE_MS = 5_000;
const SEGMENT_MS = 10_000;
const DAY_MS = 86_400_000;
const WINDOW_MAX_BYTES = 512 * 2 ** 20;
const WINDOW_MAX_AGE_MS = 900_000;
/** Virtual time waits for the threads, so a slow machine is no reason to cut them off. */
const DEADLINE_MS = 60_000;
const DECODER = new URL('../../dist/decoder.wasm', import.meta.url);

/** The demo shop and the part of the platform that watches it, in virtual time. */
export class WatchedShop {
  readonly faults = new Set<FaultName>();
  readonly deployments = new Map<string, Deployment>();
  readonly insights = new Map<string, ShownInsight>();
  readonly status: InsightsStatus;
  spans = 0;
  private readonly clock: VirtualClock;
  private readonly step: (nowMs: number) => Promise<void>;
  private readonly close: () => Promise<void>;

  static async open(options: WatchedShopOptions): Promise<WatchedShop> {
    return new WatchedShop(options, await WebAssembly.compile(await readFile(DECODER)));
  }

  private constructor(options: WatchedShopOptions, module: WebAssembly.Module) {
    const clock = new VirtualClock(options.startUnixMs);
    this.clock = clock;
    const now = clock.unixMs;
    const decoder = createDecoder({ module });
    const system = startActorSystem(({ error }) => {
      throw error;
    });
    const threads = new ThreadPool({ tasks: TASKS, threadUrl: TASKS_THREAD_URL, threads: 1 });
    const budget = new WindowBudget({ maxBytes: WINDOW_MAX_BYTES, maxAgeMs: WINDOW_MAX_AGE_MS });
    const services = spawnServicesActor(system, {
      budget,
      onEvicted: (segments) => {
        threads.evict(segments);
      },
      now,
    });
    const topology = spawnTopologyActor(system);
    const { ref: insights, status } = spawnInsightsActor(system, {
      services,
      topology,
      threads,
      store: new MemoryStore(),
      onChanged: (changed) => {
        this.show(changed);
      },
      onMiss: (part, reason, error) => {
        throw new Error(`${part} was missed (${reason})`, { cause: error });
      },
      now,
      newId: randomUUID,
      self: { namespace: '', name: 'ophion', environment: '' },
      deadlineMs: DEADLINE_MS,
    });
    this.status = status;
    const world = virtualWorld({
      clock,
      seed: options.seed,
      deployments: this.deployments,
      receive: (signal, request) => {
        const decoded = decoder.decode(signal, request);
        if ('undecodable' in decoded) throw new Error(decoded.reason);
        if (decoded.rejected > 0) throw new Error(`${decoded.rejected} items were rejected`);
        if (signal === 'traces') this.spans += decoded.accepted;
        const segment = Math.floor((now() - options.startUnixMs) / SEGMENT_MS) + 1;
        const { batches } = decoded;
        system.tell(services, { type: 'append', segment, batches });
        system.tell(topology, { type: 'append', batches });
        system.tell(insights, { type: 'append', segment, batches });
      },
    });
    const shop = new Shop(world, this.faults);
    const closing = new AbortController();
    const traffic = runTraffic({
      world,
      requestsPerSecond: options.requestsPerSecond,
      dayMs: DAY_MS,
      factor: () => (this.faults.has('traffic-spike') ? 6 : 1),
      visit: () => shop.visit(),
      signal: closing.signal,
    });
    this.step = async (nowMs) => {
      const passed = nowMs - options.startUnixMs;
      system.tell(services, { type: 'archived', through: Math.floor(passed / SEGMENT_MS) });
      system.tell(services, { type: 'age' });
      if (passed % ROTATE_MS === 0) system.tell(topology, { type: 'rotate' });
      if (passed % TICK_MS === 0) {
        await system.ask<InsightsMessage, undefined>(insights, (reply) => ({
          type: 'tick',
          reply: () => {
            reply(undefined);
          },
        }));
      }
      await system.idle();
    };
    this.close = async () => {
      closing.abort();
      await Promise.all([traffic, shop.stop(), clock.runUntil(now() + 2_000)]);
      await threads.close();
      system.stop();
    };
  }

  get unixMs(): number {
    return this.clock.unixMs();
  }

  async run(ms: number): Promise<void> {
    const until = this.unixMs + ms;
    for (let nowMs = this.unixMs + STEP_MS; nowMs <= until; nowMs += STEP_MS) {
      await this.clock.runUntil(nowMs);
      await this.step(nowMs);
    }
  }

  async stop(): Promise<void> {
    await this.close();
  }

  private show(changed: readonly InsightJson[]): void {
    for (const insight of changed) {
      const known = this.insights.get(insight.id);
      const named = known?.named ?? (insight.rootCauses.length > 0 ? insight : undefined);
      this.insights.set(insight.id, { first: known?.first ?? insight, named, latest: insight });
    }
  }
}

/** Remembers nothing: each run begins anew. */
class MemoryStore implements InsightStore {
  readOpen(): Promise<readonly InsightJson[]> {
    return Promise.resolve([]);
  }

  save(): Promise<void> {
    return Promise.resolve();
  }

  readFeedback(): Promise<readonly []> {
    return Promise.resolve([]);
  }

  readVerdicts(): Promise<Verdicts> {
    return Promise.resolve({ useful: 0, notUseful: 0 });
  }
}
