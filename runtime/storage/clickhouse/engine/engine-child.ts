/*
 * The embedded engine's own process: opens chDB at a data directory and serves ClickHouse's HTTP interface on a unix
 * domain socket. Ends when its parent ends. A process of its own because chDB crashes at the exit of a worker thread,
 * and because its memory and its threads stay away from the receivers'.
 */
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { join } from 'node:path';

import { DirectoryInUseError, lockDirectory } from '../../../directory-lock/index.ts';
import { copyWhole, exists } from '../../copy-whole.ts';
import { engineConfig, querySettings } from './config.ts';
import { createHttpInterface, type HttpInterfaceOptions } from './http-interface.ts';
import type { EngineStart, FromEngine, ToEngine } from './messages.ts';
import { openEngine } from './sessions.ts';

/** A query that does not end delays the end of the process by no more. */
const MOST_CLOSING_MS = 10_000;

type Close = () => Promise<void>;

function tell(message: FromEngine): void {
  if (process.connected) process.send?.(message);
}

function listen(server: Server, where: { path: string } | { host: string; port: number }): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      resolve(server);
    });
  });
}

async function serve(start: EngineStart, options: HttpInterfaceOptions): Promise<readonly Server[]> {
  await rm(start.socketPath, { force: true });
  const local = await listen(createHttpInterface(options), { path: start.socketPath });
  await chmod(start.socketPath, 0o600);
  if (!start.tcp) return [local];
  const { port, username, password } = start.tcp;
  const guarded = createHttpInterface({ ...options, credentials: { username, password } });
  return [local, await listen(guarded, { host: '127.0.0.1', port })];
}

async function open(start: EngineStart): Promise<Close> {
  const lock = await lockDirectory(start.dataDir, start.setting);
  try {
    const spoolDir = join(start.dataDir, 'spool');
    await rm(spoolDir, { recursive: true, force: true });
    await mkdir(spoolDir, { mode: 0o700 });
    const configPath = join(start.dataDir, 'engine.xml');
    await writeFile(configPath, engineConfig(start.memoryLimitBytes));
    const storeDir = join(start.dataDir, 'store');
    if (start.template !== undefined && !(await exists(storeDir))) await copyWhole(start.template, storeDir);
    const engine = await openEngine(storeDir, configPath, {
      mostCancellingMs: start.mostCancellingMs,
      onStuck: () => {
        tell({ type: 'stuck' });
      },
    });
    const servers = await serve(start, {
      run: (statement, cancelled) => engine.run(statement, cancelled),
      defaults: querySettings(start.memoryLimitBytes),
      spoolDir,
    });
    const tcp = servers[1]?.address() as AddressInfo | undefined;
    tell({ type: 'ready', tcpPort: tcp?.port });
    return async () => {
      for (const server of servers) server.close();
      await engine.close();
      for (const server of servers) server.closeAllConnections();
      await lock.release();
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

let opened: Promise<Close> | undefined;
let isEnding = false;

function end(exitCode: number): void {
  if (isEnding) return;
  isEnding = true;
  // oxlint-disable-next-line unicorn/no-process-exit -- chDB's threads would keep the process alive
  const exit = (): never => process.exit(exitCode);
  setTimeout(exit, MOST_CLOSING_MS);
  Promise.resolve(opened)
    .then((close) => close?.())
    .then(exit, exit);
}

function fail(error: unknown): void {
  const inUse = error instanceof DirectoryInUseError ? error : undefined;
  const message = error instanceof Error ? error.message : String(error);
  tell({ type: 'failed', isInUse: inUse !== undefined, message, holder: inUse?.holder });
  opened = undefined;
  end(1);
}

process.on('message', (message: ToEngine) => {
  if (message.type === 'stop') end(0);
  else {
    opened = open(message);
    opened.catch(fail);
  }
});
process.on('disconnect', () => {
  end(0);
});
process.on('SIGTERM', () => {
  end(0);
});
