import { Readable } from 'node:stream';
import { EMPTY_HISTORY, forgetfulArchive } from '../../actors/fixtures/index.ts';
import {
  spawnInsightsActor,
  type CausesAnswer,
  type InsightsMessage,
  type InsightsRef,
} from '../../actors/insights/index.ts';
import type { InsightStore } from '../../actors/ports/index.ts';
import { serviceIdOf } from '../../proto/columns/index.ts';
import type { RootCausesJson } from '../../proto/api/index.ts';
import { NO_CONTROL_PLANE, NO_INSIGHTS, NO_SETTINGS, openDoor } from '../../runtime/api/fixtures/index.ts';
import { answerApi, answerTooLarge } from '../../runtime/api/index.ts';
import { startDomain, type Domain } from '../../runtime/domain/index.ts';
import { chooseHttpEngine, type HttpServer } from '../../runtime/http/index.ts';
import { Ledger } from '../../runtime/ingest/index.ts';
import { createLog } from '../../runtime/log/index.ts';
import { median } from '../median.ts';
import { nameOf, treeTraffic } from './tree-traffic.ts';

const SERVICES = 200;
const MINUTES = 30;
const TICK_MS = 5_000;
/** A tick. */
const REQUESTS = 150;
/** Third level of the tree. */
const SLOW = { service: 8, moreMs: 400 };
const SLOW_FOR_MS = 150_000;
const QUESTIONS = 5;

/** What was asked of the API, over HTTP, and how long the answer took. */
export interface RootCausesCost {
  /** Median of the questions, and the longest. */
  readonly rootCausesMs: number;
  readonly rootCausesLongestMs: number;
  readonly rootCausesSpans: number;
}

/**
 * Half an hour of 200 services in windows and figures, of which one has been slow for the last minutes: the root of the tree asks why it is, by
 * `/api/v1/root-causes`, so that all of them may be the cause. Virtual time for what is watched; answers take real time.
 */
export async function rootCausesCost(): Promise<RootCausesCost> {
  const endMs = Math.floor(Date.now() / TICK_MS) * TICK_MS;
  let nowMs = endMs - MINUTES * 60_000;
  const domain = openDomain();
  const insights = watchOver(domain, () => nowMs);
  const server = await serve(domain, insights, () => nowMs);
  try {
    let spans = 0;
    while (nowMs < endMs) {
      const isSlow = nowMs >= endMs - SLOW_FOR_MS;
      const traffic = { services: SERVICES, requests: REQUESTS, ...(isSlow && { slow: SLOW }) };
      const batches = treeTraffic(traffic, nowMs, TICK_MS);
      spans += batches.reduce((sum, { batch }) => sum + batch.rowCount, 0);
      domain.deliver(1, batches);
      domain.system.tell(domain.topology, { type: 'rotate' });
      domain.system.tell(insights, { type: 'append', segment: 1, batches });
      nowMs += TICK_MS;
      await tick(domain, insights);
    }
    const times: number[] = [];
    for (let question = 0; question < QUESTIONS; question += 1) {
      // Who asks the same within five seconds gets the same answer: each asks of another time.
      times.push(await ask(server.port, SLOW_FOR_MS + 6_000 * question));
    }
    return {
      rootCausesMs: median(times),
      rootCausesLongestMs: Math.max(...times),
      rootCausesSpans: spans,
    };
  } finally {
    await server.close();
    await domain.stop();
  }
}

async function ask(port: number, sinceMs: number): Promise<number> {
  const service = serviceIdOf({ namespace: '', name: nameOf(0), environment: '' });
  const startMs = performance.now();
  const query = `service=${service}&since=now-${sinceMs / 1_000}s`;
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/root-causes?${query}`);
  const text = await response.text();
  const tookMs = performance.now() - startMs;
  if (!response.ok) throw new Error(`no causes were found: ${response.status} ${text}`);
  const [cause] = (JSON.parse(text) as RootCausesJson).rootCauses;
  if (cause?.service.name !== nameOf(SLOW.service)) {
    throw new Error(`${cause?.service.name ?? 'nobody'} is blamed where ${nameOf(SLOW.service)} is slow`);
  }
  return tookMs;
}

function openDomain(): Domain {
  return startDomain({
    archive: forgetfulArchive(1),
    history: EMPTY_HISTORY,
    source: { read: () => Readable.from([]), has: () => false },
    archivedThrough: 1,
    onArchived: () => undefined,
    publish: () => undefined,
    windowMaxBytes: 2 ** 30,
    windowMaxAgeMs: 2 * MINUTES * 60_000,
    log: createLog('silent'),
  });
}

const NO_STORE: InsightStore = {
  readOpen: () => Promise.resolve([]),
  save: () => Promise.resolve(),
  readFeedback: () => Promise.resolve([]),
  readVerdicts: () => Promise.resolve({ useful: 0, notUseful: 0 }),
};

function watchOver({ system, services, topology, threads }: Domain, now: () => number): InsightsRef {
  let ids = 0;
  const { ref } = spawnInsightsActor(system, {
    ...{
      services,
      topology,
      threads,
      store: NO_STORE,
      now,
      self: { namespace: '', name: 'ophion', environment: '' },
    },
    onChanged: () => undefined,
    newId: () => String((ids += 1)),
  });
  return ref;
}

function tick({ system }: Domain, insights: InsightsRef): Promise<undefined> {
  return system.ask<InsightsMessage, undefined>(insights, (reply) => ({
    type: 'tick',
    reply: () => {
      reply(undefined);
    },
  }));
}

/** The API as the platform has it, on a port of its own; without users, storage and what else is not asked. */
function serve(domain: Domain, insights: InsightsRef, now: () => number): Promise<HttpServer> {
  const { query, prometheus, outlook, capacity, listPatterns, readExpected } = domain;
  const none = { granted: new Set<never>(), noteRefusal: () => undefined };
  return chooseHttpEngine().listen({
    ...{ host: '127.0.0.1', port: 0, maxBodyBytes: 1_024 },
    tooLarge: answerTooLarge,
    onError: (error) => {
      throw error;
    },
    handle: (request) =>
      answerApi(
        {
          version: 'bench',
          limits: { deadlineMs: 30_000, maxRowsRead: 1e9, maxBytesRead: 1e12 },
          ...{ query, prometheus, outlook, capacity, listPatterns, readExpected },
          findCauses: (asked) =>
            domain.system.ask<InsightsMessage, CausesAnswer>(insights, (reply) => ({
              ...{ type: 'find-causes', query: asked, reply },
            })),
          ...{ door: openDoor(), access: NO_CONTROL_PLANE, settings: NO_SETTINGS, insights: NO_INSIGHTS },
          changes: { list: () => Promise.resolve([]) },
          sql: { select: () => Promise.reject(new Error('not asked')) },
          rights: none,
          status: () => {
            throw new Error('not asked');
          },
          ledger: () => new Ledger(1).toJson(),
          nowUnixNano: () => BigInt(now()) * 1_000_000n,
          waitingItems: () => 0,
          isReady: () => true,
        },
        request,
      ),
  });
}
