import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Readable } from 'node:stream';
import { EMPTY_HISTORY, forgetfulArchive, spanBatches } from '../../actors/fixtures/index.ts';
import { openAccess, type Access } from '../../runtime/control-plane/index.ts';
import { NO_CHANGES, NO_INSIGHTS, NO_SETTINGS, openDoor } from '../../runtime/api/fixtures/index.ts';
import { answerApi, answerTooLarge, type ApiOptions } from '../../runtime/api/index.ts';
import { configFrom } from '../../runtime/config/index.ts';
import { startDomain } from '../../runtime/domain/index.ts';
import { adminCredentials, keepFirstPassword, KNOWN_ADMIN } from '../../runtime/end-to-end/index.ts';
import { chooseHttpEngine, type HttpServer } from '../../runtime/http/index.ts';
import { Ledger } from '../../runtime/ingest/index.ts';
import { createLog } from '../../runtime/log/index.ts';
import { openDoors } from '../../runtime/platform/index.ts';
import { openControlDatabase } from '../../runtime/storage/postgres/index.ts';
import type { StatusJson } from '../../proto/api/index.ts';
import { number, readOptions } from '../read-options.ts';

const ASK = fileURLToPath(new URL('./ask.ts', import.meta.url));
const TEMPLATE = fileURLToPath(new URL('../../dist/templates/postgres', import.meta.url));
const CLIENT = { address: '127.0.0.1', userAgent: 'bench' };
const DEFAULTS = { status: '/api/v1/status', services: '/api/v1/services' } as const;

/**
 * Signed-in requests a second with all checks (rate limits by address and session, token, session, permission) and with
 * none, in turns: of the cheapest answer there is, and of the services of the last quarter of an hour in memory. And what
 * one sign-in takes.
 */
export async function run(args: readonly string[]): Promise<Record<string, number>> {
  const values = readOptions(args, {
    rounds: number(7, 'rounds of each side, by turns'),
    'round-ms': number(1500, 'length of a round, in ms'),
    logins: number(12, 'sign-ins to time'),
  });
  const folder = await mkdtemp(join(tmpdir(), 'ophion-bench-auth-'));
  // Limits are kept, and are never met.
  const config = configFrom({ ...KNOWN_ADMIN, OPHION_QUERY_RATE: '1000000' }, {}, '');
  const log = createLog('error');
  const database = await openControlDatabase({ directory: join(folder, 'postgres'), template: TEMPLATE });
  const access = await openAccess({ config, database, dataDir: folder, log });
  await access.createFirstAdmin();
  await keepFirstPassword(access.users);
  const { api, stop } = startApi(access);
  const guarded = await listen({ ...api, door: openDoors(config, access).door });
  const open = await listen({ ...api, door: openDoor() });
  const token = await tokenOf(access);
  const measure = async (path: string): Promise<{ guarded: number; open: number; ratio: number }> => {
    const rates = { guarded: [] as number[], open: [] as number[] };
    const ask = (server: HttpServer): Promise<number> =>
      requestsPerSecond(server.port, path, token, values['round-ms']);
    await ask(guarded);
    await ask(open);
    for (let round = 0; round < values.rounds; round += 1) {
      rates.guarded.push(await ask(guarded));
      rates.open.push(await ask(open));
    }
    const [mine, bare] = [median(rates.guarded), median(rates.open)];
    return {
      guarded: Math.round(mine),
      open: Math.round(bare),
      ratio: Math.round((mine / bare) * 100) / 100,
    };
  };
  const services = await measure(DEFAULTS.services);
  const status = await measure(DEFAULTS.status);
  const loginMs = await signInMs(access, values.logins);
  await Promise.all([guarded.close(), open.close()]);
  await stop();
  await access.stop();
  await database.close();
  await rm(folder, { recursive: true, force: true });
  return {
    checkedPerS: services.guarded,
    uncheckedPerS: services.open,
    ratio: services.ratio,
    statusCheckedPerS: status.guarded,
    statusUncheckedPerS: status.open,
    statusRatio: status.ratio,
    loginMs: Math.round(loginMs),
  };
}

function startApi(access: Access): {
  readonly api: Omit<ApiOptions, 'door'>;
  readonly stop: () => Promise<void>;
} {
  const domain = startDomain({
    archive: forgetfulArchive(),
    history: EMPTY_HISTORY,
    source: { read: () => Readable.from([]), has: () => false },
    archivedThrough: 0,
    onArchived: () => undefined,
    publish: () => undefined,
    windowMaxBytes: 2 ** 26,
    windowMaxAgeMs: 900_000,
    log: createLog('error'),
  });
  const spans = Array.from({ length: 240 }, (_, index) => ({
    service: `service-${index % 12}`,
    durationMs: index,
    startMs: Date.now() - 60_000,
  }));
  domain.deliver(1, spanBatches(spans));
  return {
    api: {
      version: 'bench',
      limits: { deadlineMs: 30_000, maxRowsRead: 1e9, maxBytesRead: 1e12 },
      query: domain.query,
      prometheus: domain.prometheus,
      outlook: domain.outlook,
      capacity: domain.capacity,
      listPatterns: domain.listPatterns,
      readExpected: domain.readExpected,
      findCauses: domain.findCauses,
      sql: { select: () => Promise.reject(new Error('not asked')) },
      rights: { granted: new Set<never>(), noteRefusal: () => undefined },
      status: () => ({ version: 'bench' }) as StatusJson,
      ledger: () => new Ledger(1).toJson(),
      nowUnixNano: () => BigInt(Date.now()) * 1_000_000n,
      waitingItems: () => 0,
      isReady: () => true,
      access,
      settings: NO_SETTINGS,
      insights: NO_INSIGHTS,
      changes: NO_CHANGES,
    },
    stop: () => domain.stop(),
  };
}

function listen(api: ApiOptions): Promise<HttpServer> {
  return chooseHttpEngine().listen({
    host: '127.0.0.1',
    port: 0,
    maxBodyBytes: 1_000_000,
    tooLarge: answerTooLarge,
    handle: (request) => answerApi(api, request),
    onError: (error) => {
      throw error;
    },
  });
}

async function tokenOf({ users, signIn }: Access): Promise<string> {
  const user = users.byLogin('admin');
  if (!user) throw new Error('there is no administrator');
  const begun = await signIn.begin(user, CLIENT);
  if (!begun) throw new Error('the administrator is disabled');
  return begun.accessToken;
}

async function requestsPerSecond(
  port: number,
  path: string,
  token: string,
  durationMs: number,
): Promise<number> {
  const child = fork(ASK, [String(port), path, token, String(durationMs)], {
    execArgv: ['--import', import.meta.resolve('tsx')],
  });
  const { answered, refused } = await new Promise<{ answered: number; refused: number }>(
    (resolve, reject) => {
      child.once('message', (message) => {
        resolve(message as { answered: number; refused: number });
      });
      child.once('exit', () => {
        reject(new Error('the client ended without a word'));
      });
    },
  );
  if (refused > 0) throw new Error(`${refused} requests were refused`);
  return (answered / durationMs) * 1_000;
}

async function signInMs({ signIn }: Access, count: number): Promise<number> {
  const attempt = await adminCredentials();
  const times: number[] = [];
  for (let round = 0; round < count; round += 1) {
    const begin = performance.now();
    const outcome = await signIn.attempt(attempt, CLIENT);
    if (outcome.type !== 'signed-in') throw new Error(`the sign-in ended with ${outcome.type}`);
    times.push(performance.now() - begin);
  }
  return median(times);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
