import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Config } from '../config/index.ts';
import { PortUnavailableError } from '../http/index.ts';
import { ListenError } from './listen-error.ts';

/**
 * Before stores are opened, which takes seconds: rejects with `ListenError` where a port cannot be listened on. Doors say the same
 * if one is taken afterwards.
 */
export async function requireFreePorts(config: Config): Promise<void> {
  const ports = {
    OPHION_DASHBOARD_PORT: config.dashboardPort,
    OPHION_API_PORT: config.apiPort,
    OPHION_OTLP_HTTP_PORT: config.otlpHttpPort,
    OPHION_OTLP_GRPC_PORT: config.otlpGrpcPort,
  };
  for (const [setting, port] of Object.entries(ports)) {
    if (port === 0) continue;
    const server = createServer();
    try {
      server.listen(port, config.host);
      await once(server, 'listening');
    } catch (error) {
      throw new ListenError(setting, new PortUnavailableError(config.host, port, error));
    }
    server.close();
    await once(server, 'close');
  }
}
