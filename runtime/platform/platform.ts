import { join } from 'node:path';
import type { StatusJson } from '../../proto/api/index.ts';
import { answerApi, answerTooLarge, isApiPath, openRights } from '../api/index.ts';
import { openAccess, type Access } from '../control-plane/index.ts';
import type { Config } from '../config/index.ts';
import { withSecurityHeaders } from '../doors/index.ts';
import { openSettings } from '../control-plane/index.ts';
import { startDomain, type Domain } from '../domain/index.ts';
import { chooseHttpEngine, type HttpEngine, type HttpServer, type HttpServerOptions } from '../http/index.ts';
import {
  createIngest,
  journalSegments,
  KnownRequests,
  Ledger,
  MemoryGate,
  recogniseRepeats,
  type Ingest,
  type IngestOutcome,
} from '../ingest/index.ts';
import type { PostgresInsightStore } from '../insights/index.ts';
import { liveSockets } from '../live/index.ts';
import type { Logger } from '../log/index.ts';
import { createOtlpReceiver, listenOtlpGrpc, listenOtlpHttp } from '../receivers/otlp/index.ts';
import { reportOwnMetrics } from '../telemetry/index.ts';
import { readStaticFiles } from '../web/index.ts';
import { openDataDirectory, throwAbout } from './data-directory.ts';
import { openDecoder } from './open-decoder.ts';
import { createAdmission } from './admission.ts';
import { openDoors } from './open-doors.ts';
import { openInsights } from './open-insights.ts';
import { ListenError } from './listen-error.ts';
import { memoryPlan, releaseGarbage } from './memory-plan.ts';
import { KNOWN_REQUESTS, openJournal } from './open-journal.ts';
import { platformStatus } from './platform-status.ts';
import { queryLimits } from './query-limits.ts';
import { readTls } from './read-tls.ts';
import { refillRed } from './refill-red.ts';
import { replayJournal } from './replay-journal.ts';
import { requireFreePorts } from './require-free-ports.ts';
import { openStores } from './open-stores.ts';
import { Teardown } from './teardown.ts';

export interface PlatformOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly version: string;
  /** The built web app. */
  readonly webFolder: string;
  /** The built WebAssembly decoder; without it requests are decoded in JavaScript. */
  readonly decoderFile?: string;
  /** What threads load, built; without it the sources, each by a loader of its own. */
  readonly threadUrl?: string;
  /** New embedded stores (see `storage/make-templates.ts`); without it the first start takes longer. */
  readonly templatesFolder?: string;
}

export interface Platform {
  readonly ports: {
    readonly dashboard: number;
    readonly api: number;
    readonly otlpGrpc: number;
    readonly otlpHttp: number;
  };
  readonly httpEngine: HttpEngine;
  readonly domain: Domain;
  readonly access: Access;
  readonly insights: PostgresInsightStore;
  /** Of the first administrator, where it was made just now and its password made up: to be shown once. */
  readonly adminPassword: string | undefined;
  /** Takes nothing new, makes durable what was accepted, and gives everything free. */
  stop(): Promise<void>;
}

const MAX_API_BODY_BYTES = 1_000_000;
/** A frame of 15 minutes of some hundred services must fit; more than that waits for the client to read. */
const MAX_SOCKET_BUFFER_BYTES = 16 * 2 ** 20;
const STOPPING: IngestOutcome = {
  type: 'refused',
  reason: 'the platform is stopping',
  retryAfterMs: 5_000,
};

/** Starts everything, or nothing: rejects with an error that names what is missing and the setting to change. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const teardown = new Teardown();
  try {
    return await start(options, teardown);
  } catch (error) {
    await teardown.run().catch((also: unknown) => {
      options.log.error({ err: also }, 'a part of the failed start could not be undone');
    });
    throw error;
  }
}

async function start(options: PlatformOptions, teardown: Teardown): Promise<Platform> {
  const { config, log, version, webFolder } = options;
  const startedAtUnixMs = Date.now();
  const answerStatic = await readStaticFiles(webFolder);
  const tls = await readTls(config);
  const { path: dataDir, lock } = await openDataDirectory(config.dataDir);
  teardown.add(() => lock.release());
  await requireFreePorts(config);
  const inDataDir = throwAbout(dataDir);

  const stores = await openStores({ ...options, dataDir }, teardown).catch(inDataDir);
  const { archive } = stores.clickhouse;
  const known = new KnownRequests({
    ...KNOWN_REQUESTS,
    archivedThrough: () => domain.progress.through,
    now: Date.now,
  });
  const directory = join(dataDir, 'journal');
  const { journal, archivedThrough } = await openJournal({ config, directory, archive, known, log }).catch(
    inDataDir,
  );
  teardown.add(() => journal.close());

  const decoder = await openDecoder(options.decoderFile, log);
  const source = journalSegments({
    journal,
    decoder,
    onUndecodable: (segment, { signal, itemCount }, reason) => {
      log.error({ segment, signal, items: itemCount, reason }, 'a request in the journal cannot be decoded');
    },
  });
  const access = await openAccess({ config, database: stores.control, dataDir, log });
  teardown.add(() => access.stop());
  const settings = await openSettings({ config, access, log });
  teardown.add(() => settings.stop());
  const insights = openInsights({ access, settings: settings.store, log, dataDirectory: dataDir }, teardown);
  const { door, liveDoor, ...otlpDoor } = openDoors(config, access);

  let stopping = false;
  const servers: HttpServer[] = [];
  const ledger = new Ledger(startedAtUnixMs);
  const plan = memoryPlan(config, log);
  const domain = startDomain({
    threadUrl: options.threadUrl,
    archive: ledger.countArchived(archive, journal.pending().at(-1)?.number ?? 0),
    source,
    history: stores.clickhouse.history,
    archivedThrough,
    onArchived: (segment) => {
      journal.release(segment).then(admission.released, (error: unknown) => {
        log.error({ err: error, segment }, 'an archived journal segment could not be removed');
      });
    },
    publish: (topic, frame) => {
      for (const server of servers) server.publish(topic, frame);
    },
    windowMaxBytes: plan.windowMaxBytes,
    windowMaxAgeMs: config.windowMinutes * 60_000,
    keepsUnarchived: config.journalMode === 'off',
    shadow: { share: config.shadowQueryShare, limits: queryLimits(config) },
    analysis: { ...insights, sizes: stores.clickhouse.history, limits: queryLimits(config) },
    log,
  });
  teardown.add(() => domain.stop());

  const memory = new MemoryGate({
    maxBytes: plan.maxBytes,
    readResidentBytes: () => process.memoryUsage.rss(),
    collect: releaseGarbage,
    squeeze: (excessBytes) => {
      domain.system.tell(domain.services, { type: 'squeeze', excessBytes });
    },
    now: () => performance.now(),
  });
  const admission = createAdmission({
    journal,
    journalMaxBytes: config.journalMaxBytes,
    budget: domain.budget,
    memory,
  });
  const ingest = createIngest({
    ledger,
    decoder,
    journal: admission.watched(config.recogniseRetries === 'on' ? recogniseRepeats(journal, known) : journal),
    deliver: domain.deliver,
    gate: admission.gate,
    retryAfterMs: admission.retryAfterMs,
    now: Date.now,
  });
  const notShown = await replayJournal({ journal, source, domain, log });

  const status = (): StatusJson =>
    platformStatus({ config, version, startedAtUnixMs, ingest, domain, journal, grpc, otlpHttp });
  const onError = (error: unknown): void => {
    log.error({ err: error }, 'a request failed unexpectedly');
  };
  const api = {
    version,
    limits: queryLimits(config),
    query: domain.query,
    prometheus: domain.prometheus,
    outlook: domain.outlook,
    capacity: domain.capacity,
    ...{ listPatterns: domain.listPatterns, readExpected: domain.readExpected },
    findCauses: domain.findCauses,
    access,
    settings,
    insights: insights.store,
    changes: insights.changes,
    door,
    sql: stores.clickhouse.sql,
    rights: openRights(config, access.refusals),
    status,
    waitingItems: () => domain.budget.waitingItems,
    ledger: () => ledger.toJson(),
    nowUnixNano: () => BigInt(Date.now()) * 1_000_000n,
    isReady: () => !stopping,
  };
  const sockets = liveSockets({ system: domain.system, live: domain.live, door: liveDoor });
  teardown.add(
    access.onChanged(() => {
      sockets.review();
    }),
  );
  const { engine, listen } = chooseHttpEngine({ isTls: tls !== undefined });
  const shared: Omit<HttpServerOptions, 'port'> = {
    host: config.host,
    maxBodyBytes: MAX_API_BODY_BYTES,
    ...(tls && { tls }),
    tooLarge: (request) => withSecurityHeaders(answerTooLarge(), door.isSecure(request)),
    handle: async (request) => {
      const answer = isApiPath(request.path) ? await answerApi(api, request) : answerStatic(request);
      return withSecurityHeaders(answer, door.isSecure(request));
    },
    onError,
    sockets: { path: '/live', maxBufferedBytes: MAX_SOCKET_BUFFER_BYTES, events: sockets },
  };
  const fromOutside: Pick<Ingest, 'accept'> = {
    accept: (signal, body, encoding) =>
      stopping ? Promise.resolve(STOPPING) : ingest.accept(signal, body, encoding),
  };
  const receiver = createOtlpReceiver({
    maxRequestBytes: config.otlpMaxRequestBytes,
    maxInFlightBytes: config.otlpMaxInFlightBytes,
    ingest: fromOutside,
    ...otlpDoor,
    onError,
  });
  const serve = async <Server extends { close(): Promise<void> }>(
    setting: string,
    server: Promise<Server>,
  ): Promise<Server> => {
    const started = await server.catch((error: unknown) => {
      throw new ListenError(setting, error);
    });
    teardown.add(() => started.close());
    return started;
  };
  const dashboardServer = await serve(
    'OPHION_DASHBOARD_PORT',
    listen({ ...shared, port: config.dashboardPort }),
  );
  const apiServer = await serve('OPHION_API_PORT', listen({ ...shared, port: config.apiPort }));
  servers.push(dashboardServer, apiServer);
  const own = reportOwnMetrics({
    system: domain.system,
    ingest,
    receiver,
    journal,
    budget: domain.budget,
    progress: domain.progress,
    threads: domain.threads,
    shadow: domain.shadow,
    topology: domain.topology,
    insights: domain.analysis?.status,
    intervalMs: config.telemetrySeconds * 1_000,
    version,
    onError,
  });
  teardown.add(() => own.stop());
  const otlpHttp = await serve(
    'OPHION_OTLP_HTTP_PORT',
    listenOtlpHttp(listen, {
      host: config.host,
      port: config.otlpHttpPort,
      cors: { origins: config.otlpCorsOrigins, headers: config.otlpCorsHeaders },
      receiver,
      ...(tls && { tls }),
    }),
  );
  const grpc = await serve(
    'OPHION_OTLP_GRPC_PORT',
    listenOtlpGrpc({
      host: config.host,
      port: config.otlpGrpcPort,
      maxConnectionAgeMs: config.otlpMaxConnectionAgeSeconds * 1_000,
      receiver,
      ...(tls && { tls }),
    }),
  );
  // Its password is shown by who started all this, and by nobody when the start fails.
  const adminPassword = await access.createFirstAdmin();
  const refill = { history: stores.clickhouse.history, domain, through: notShown, log };
  teardown.add(refillRed({ ...refill, limits: queryLimits(config) }));
  log.info({ engine, version }, 'ready');

  return {
    ports: {
      dashboard: dashboardServer.port,
      api: apiServer.port,
      otlpGrpc: grpc.port,
      otlpHttp: otlpHttp.port,
    },
    httpEngine: engine,
    domain,
    access,
    insights: insights.store,
    adminPassword,
    async stop() {
      stopping = true;
      grpc.drain();
      await teardown.run();
    },
  };
}
