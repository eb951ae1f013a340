import { fileURLToPath } from 'node:url';
import { configFrom } from '../config/index.ts';
import { createLog } from '../log/index.ts';
import { ANY_PORTS } from './any-ports.ts';
import { fetchApi, keepFirstPassword, KNOWN_ADMIN } from './signed-in.ts';
import { startPlatform, type Platform } from '../platform/index.ts';

const ROOT = new URL('../../', import.meta.url);

/**
 * The whole platform in this process, on free ports, embedded, once its first administrator has changed the first password.
 * `settings` are environment variables.
 */
export async function startTestPlatform(
  dataDir: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Platform> {
  const ports = {
    ...ANY_PORTS,
  };
  const config = configFrom(
    { ...ports, ...KNOWN_ADMIN, OPHION_DATA_DIR: dataDir, OPHION_LOG_LEVEL: 'error', ...settings },
    {},
    '',
  );
  const platform = await startPlatform({
    config,
    log: createLog(config.logLevel),
    version: 'test',
    webFolder: fileURLToPath(new URL('dist/web', ROOT)),
    decoderFile: fileURLToPath(new URL('dist/decoder.wasm', ROOT)),
    threadUrl: new URL('dist/threads/tasks-thread.js', ROOT).href,
    templatesFolder: fileURLToPath(new URL('dist/templates', ROOT)),
  });
  await keepFirstPassword(platform.access.users);
  return platform;
}

/** The body of a 200 of the API; throws on anything else. */
export async function readApi<Body>(platform: Platform, pathAndQuery: string): Promise<Body> {
  const response = await fetchApi(platform.ports.api, pathAndQuery);
  if (!response.ok) throw new Error(`${pathAndQuery} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Body;
}
